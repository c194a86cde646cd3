// The inner loops of SoftSpokenOT for x86-64 processors with AES instructions.
#include "transfers.h"
#include "aes.h"
#include "aes_rounds.h"

#include <string.h>

/** Bytes of each stream worked on at a time: all of a tree's rows and a stream stay in the first cache. */
#define PIECE 1024

static void xor_into(uint8_t *target, const uint8_t *source, size_t bytes)
{
    size_t at = 0;
    for (; at + AES_BLOCK_BYTES <= bytes; at += AES_BLOCK_BYTES) {
        store(target + at, _mm_xor_si128(load(target + at), load(source + at)));
    }
    for (; at < bytes; at++) target[at] ^= source[at];
}

void transfers_fold(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, uint8_t *rows, uint8_t *sum)
{
    uint8_t stream[PIECE];
    memset(rows, 0, bytes * k);
    memset(sum, 0, bytes);
    for (size_t start = 0; start < bytes; start += PIECE) {
        const size_t size = bytes - start < PIECE ? bytes - start : PIECE;
        for (uint32_t place = 0; place < 1u << k; place++) {
            aes_stream(schedules + (size_t)(place ^ hole) * AES_SCHEDULE_BYTES, stream, size, position + start);
            xor_into(sum + start, stream, size);
            for (unsigned bit = 0; bit < k; bit++) {
                if (place >> bit & 1) xor_into(rows + bit * bytes + start, stream, size);
            }
        }
    }
}

/** Exchanges the high bits of a with the low bits of b, `shift` apart, where `mask` has ones, in lanes of 64 bits. */
static inline void swap_bits(__m128i *a, __m128i *b, int shift, __m128i mask)
{
    const __m128i swapped = _mm_and_si128(_mm_xor_si128(_mm_srli_epi64(*a, shift), *b), mask);
    *b = _mm_xor_si128(*b, swapped);
    *a = _mm_xor_si128(*a, _mm_slli_epi64(swapped, shift));
}

/** Transposes 128 x 128 bits in place by swapping ever smaller off-diagonal blocks. */
static void transpose(__m128i *m)
{
    static const uint64_t MASKS[6] = {0x00000000ffffffffu, 0x0000ffff0000ffffu, 0x00ff00ff00ff00ffu,
                                      0x0f0f0f0f0f0f0f0fu, 0x3333333333333333u, 0x5555555555555555u};
    for (int i = 0; i < 64; i++) {
        const __m128i a = m[i], b = m[i + 64];
        m[i] = _mm_unpacklo_epi64(a, b);
        m[i + 64] = _mm_unpackhi_epi64(a, b);
    }
    for (int stage = 0, shift = 32; shift > 0; stage++, shift >>= 1) {
        const __m128i mask = _mm_set1_epi64x((long long)MASKS[stage]);
        for (int i = 0; i < TRANSFER_ROWS; i = (i + shift + 1) & ~shift) swap_bits(&m[i], &m[i + shift], shift, mask);
    }
}

/** h of eight blocks in place; their tweaks begin at `tweak`. */
static inline void hash_lanes(const __m128i *keys, __m128i *x, uint64_t tweak)
{
    __m128i inner[LANES];
    encrypt(keys, x, LANES);
    for (int i = 0; i < LANES; i++) {
        inner[i] = x[i];
        x[i] = _mm_xor_si128(x[i], _mm_set_epi64x(0, (long long)(tweak + (uint64_t)i)));
    }
    encrypt(keys, x, LANES);
    for (int i = 0; i < LANES; i++) x[i] = _mm_xor_si128(x[i], inner[i]);
}

/** Writes the hashes of 128 blocks, or their lowest bits; of a last piece only `count`. */
static void hash_blocks(const __m128i *keys, const __m128i *blocks, __m128i delta, uint64_t tweak, size_t count, uint8_t *out, int bits)
{
    for (size_t first = 0; first < count; first += LANES) {
        __m128i x[LANES];
        for (int i = 0; i < LANES; i++) x[i] = _mm_xor_si128(blocks[first + (size_t)i], delta);
        hash_lanes(keys, x, tweak + first);
        if (bits) {
            unsigned byte = 0;
            for (int i = 0; i < LANES; i++) byte |= ((unsigned)_mm_cvtsi128_si32(x[i]) & 1u) << i;
            out[first / 8] = (uint8_t)byte;
            continue;
        }
        for (size_t i = 0; i < LANES && first + i < count; i++) store(out + (first + i) * AES_BLOCK_BYTES, x[i]);
    }
}

void transfers_hash(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak,
                    const uint8_t *delta, uint8_t *zero, uint8_t *one, int bits)
{
    __m128i keys[ROUNDS + 1], block[TRANSFER_ROWS];
    load_schedule(keys, schedule);
    const __m128i none = _mm_setzero_si128();
    const __m128i shift = one != NULL ? load(delta) : none;
    for (size_t first = 0; first < count; first += TRANSFER_ROWS) {
        const size_t at = first / 8;
        for (size_t row = 0; row < TRANSFER_ROWS; row++) {
            if (at + AES_BLOCK_BYTES <= bytes) {
                block[row] = load(matrix + row * bytes + at);
            } else {
                uint8_t rest[AES_BLOCK_BYTES] = {0};
                memcpy(rest, matrix + row * bytes + at, bytes - at);
                block[row] = load(rest);
            }
        }
        transpose(block);
        const size_t left = count - first < TRANSFER_ROWS ? count - first : TRANSFER_ROWS;
        const size_t to = bits ? first / 8 : first * AES_BLOCK_BYTES;
        hash_blocks(keys, block, none, tweak + first, left, zero + to, bits);
        if (one != NULL) hash_blocks(keys, block, shift, tweak + first, left, one + to, bits);
    }
}
