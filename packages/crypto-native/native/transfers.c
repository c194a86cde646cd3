// The inner loops of SoftSpokenOT by AES instructions.
#include "transfers.h"
#include "aes.h"
#include "aes_rounds.h"
#include "transpose.h"

#include <string.h>

/** Bytes of each stream worked on at a time: all of a tree's rows and a stream stay in the first cache. */
#define PIECE 1024

static void xor_into(uint8_t *target, const uint8_t *source, size_t bytes)
{
    size_t at = 0;
    for (; at + AES_BLOCK_BYTES <= bytes; at += AES_BLOCK_BYTES) {
        store(target + at, load(target + at) ^ load(source + at));
    }
    for (; at < bytes; at++) target[at] ^= source[at];
}

void transfers_fold(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, size_t stride, uint8_t *rows,
                    uint8_t *sum)
{
    uint8_t stream[PIECE];
    for (unsigned bit = 0; bit < k; bit++) memset(rows + bit * stride, 0, bytes);
    memset(sum, 0, bytes);
    for (size_t start = 0; start < bytes; start += PIECE) {
        const size_t size = bytes - start < PIECE ? bytes - start : PIECE;
        for (uint32_t place = 0; place < 1u << k; place++) {
            aes_stream(schedules + (size_t)(place ^ hole) * AES_SCHEDULE_BYTES, stream, size, position + start);
            xor_into(sum + start, stream, size);
            for (unsigned bit = 0; bit < k; bit++) {
                if (place >> bit & 1) xor_into(rows + bit * stride + start, stream, size);
            }
        }
    }
}

/** h of eight blocks in place; their tweaks begin at `tweak`. */
static inline void hash_lanes(const block *keys, block *x, uint64_t tweak)
{
    block inner[LANES];
    encrypt(keys, x, LANES);
    for (int i = 0; i < LANES; i++) {
        inner[i] = x[i];
        x[i] ^= (block){tweak + (uint64_t)i, 0};
    }
    encrypt(keys, x, LANES);
    for (int i = 0; i < LANES; i++) x[i] ^= inner[i];
}

/** Writes the hashes of 128 blocks, or their lowest bits; of a last piece only `count`. */
static void hash_blocks(const block *keys, const block *blocks, block delta, uint64_t tweak, size_t count, uint8_t *out, int bits)
{
    for (size_t first = 0; first < count; first += LANES) {
        block x[LANES];
        for (int i = 0; i < LANES; i++) x[i] = blocks[first + (size_t)i] ^ delta;
        hash_lanes(keys, x, tweak + first);
        if (bits) {
            unsigned byte = 0;
            for (int i = 0; i < LANES; i++) byte |= ((unsigned)x[i][0] & 1u) << i;
            out[first / 8] = (uint8_t)byte;
            continue;
        }
        for (size_t i = 0; i < LANES && first + i < count; i++) store(out + (first + i) * AES_BLOCK_BYTES, x[i]);
    }
}

void transfers_hash(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak,
                    const uint8_t *delta, uint8_t *zero, uint8_t *one, int bits)
{
    block keys[ROUNDS + 1], columns[TRANSFER_ROWS];
    load_schedule(keys, schedule);
    const block none = {0, 0};
    const block shift = one != NULL ? load(delta) : none;
    for (size_t first = 0; first < count; first += TRANSFER_ROWS) {
        load_columns(columns, matrix, bytes, first / 8);
        const size_t left = count - first < TRANSFER_ROWS ? count - first : TRANSFER_ROWS;
        const size_t to = bits ? first / 8 : first * AES_BLOCK_BYTES;
        hash_blocks(keys, columns, none, tweak + first, left, zero + to, bits);
        if (one != NULL) hash_blocks(keys, columns, shift, tweak + first, left, one + to, bits);
    }
}

void transfers_hash_blocks(const uint8_t *schedule, const uint8_t *blocks, size_t count, uint64_t tweak, const uint8_t *delta,
                           uint8_t *zero, uint8_t *one, int bits)
{
    block keys[ROUNDS + 1], columns[TRANSFER_ROWS];
    load_schedule(keys, schedule);
    const block none = {0, 0};
    const block shift = one != NULL ? load(delta) : none;
    memset(columns, 0, sizeof columns);
    for (size_t first = 0; first < count; first += TRANSFER_ROWS) {
        const size_t left = count - first < TRANSFER_ROWS ? count - first : TRANSFER_ROWS;
        memcpy(columns, blocks + first * AES_BLOCK_BYTES, left * AES_BLOCK_BYTES);
        const size_t to = bits ? first / 8 : first * AES_BLOCK_BYTES;
        hash_blocks(keys, columns, none, tweak + first, left, zero + to, bits);
        if (one != NULL) hash_blocks(keys, columns, shift, tweak + first, left, one + to, bits);
    }
}

void transfers_add(const uint8_t *leaf, unsigned k, uint32_t hole, size_t bytes, uint8_t *rows, uint8_t *sum)
{
    xor_into(sum, leaf, bytes);
    for (unsigned bit = 0; bit < k; bit++) {
        // By a mask: which rows these are is secret.
        const uint64_t mask = -(uint64_t)(hole >> bit & 1);
        uint8_t *row = rows + bit * bytes;
        size_t at = 0;
        for (; at + AES_BLOCK_BYTES <= bytes; at += AES_BLOCK_BYTES) {
            store(row + at, load(row + at) ^ (load(leaf + at) & (block){mask, mask}));
        }
        for (; at < bytes; at++) row[at] ^= leaf[at] & (uint8_t)mask;
    }
}
