// AES-128 and the inner loops of SoftSpokenOT with VAES: sixteen blocks side by side in four registers.
#include "wide.h"
#include "aes.h"
#include "transfers.h"
#include "transpose.h"

#include <immintrin.h>

#define WIDTH 4
#define ROUNDS 10
#define REGISTER_BYTES 64
#define CHUNK ((size_t)WIDTH * REGISTER_BYTES)
#define INLINE static inline __attribute__((always_inline))

INLINE __m512i load_wide(const uint8_t *at) { return _mm512_loadu_si512((const void *)at); }
INLINE void store_wide(uint8_t *at, __m512i x) { _mm512_storeu_si512((void *)at, x); }

INLINE __m512i round_key(const uint8_t *schedule, int round)
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(schedule + round * AES_BLOCK_BYTES)));
}

INLINE void load_keys(__m512i *keys, const uint8_t *schedule)
{
    for (int round = 0; round <= ROUNDS; round++) keys[round] = round_key(schedule, round);
}

INLINE void encrypt_wide(const __m512i *keys, __m512i *x)
{
    for (int i = 0; i < WIDTH; i++) x[i] = _mm512_xor_si512(x[i], keys[0]);
#pragma GCC unroll 9
    for (int round = 1; round < ROUNDS; round++) {
        for (int i = 0; i < WIDTH; i++) x[i] = _mm512_aesenc_epi128(x[i], keys[round]);
    }
    for (int i = 0; i < WIDTH; i++) x[i] = _mm512_aesenclast_epi128(x[i], keys[ROUNDS]);
}

void wide_blocks(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks)
{
    __m512i keys[ROUNDS + 1], x[WIDTH];
    load_keys(keys, schedule);
    const size_t whole = blocks * AES_BLOCK_BYTES / CHUNK * CHUNK;
    for (size_t at = 0; at < whole; at += CHUNK) {
        for (int i = 0; i < WIDTH; i++) x[i] = load_wide(in + at + (size_t)i * REGISTER_BYTES);
        encrypt_wide(keys, x);
        for (int i = 0; i < WIDTH; i++) store_wide(out + at + (size_t)i * REGISTER_BYTES, x[i]);
    }
    aes_blocks(schedule, out + whole, in + whole, blocks - whole / AES_BLOCK_BYTES);
}

/** The counter blocks `number`, `number` + 1, ... of a chunk: eight bytes of zero, then the number, big-endian. */
INLINE void counters(__m512i *x, uint64_t number)
{
    for (int i = 0; i < WIDTH; i++) {
        const uint64_t first = number + (uint64_t)i * 4;
        x[i] = _mm512_set_epi64((long long)__builtin_bswap64(first + 3), 0, (long long)__builtin_bswap64(first + 2), 0,
                                (long long)__builtin_bswap64(first + 1), 0, (long long)__builtin_bswap64(first), 0);
    }
}

/** Bytes from `position` to the next block of a stream. */
static size_t to_block(uint64_t position, size_t bytes)
{
    const size_t rest = (size_t)(-position % AES_BLOCK_BYTES);
    return rest < bytes ? rest : bytes;
}

void wide_stream(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position)
{
    const size_t head = to_block(position, bytes);
    aes_stream(schedule, out, head, position);
    __m512i keys[ROUNDS + 1], x[WIDTH];
    load_keys(keys, schedule);
    size_t at = head;
    for (; at + CHUNK <= bytes; at += CHUNK) {
        counters(x, (position + at) / AES_BLOCK_BYTES);
        encrypt_wide(keys, x);
        for (int i = 0; i < WIDTH; i++) store_wide(out + at + (size_t)i * REGISTER_BYTES, x[i]);
    }
    aes_stream(schedule, out + at, bytes - at, position + at);
}

/** One chunk of `wide_fold` with all sums in registers. */
INLINE void fold_chunk(const uint8_t *schedules, const unsigned k, uint32_t hole, uint64_t number, size_t stride, uint8_t *rows,
                       uint8_t *sum)
{
    __m512i start[WIDTH], all[WIDTH], row[8][WIDTH];
    counters(start, number);
    for (int i = 0; i < WIDTH; i++) {
        all[i] = _mm512_setzero_si512();
        for (unsigned bit = 0; bit < k; bit++) row[bit][i] = _mm512_setzero_si512();
    }
#pragma GCC unroll 16
    for (uint32_t place = 0; place < 1u << k; place++) {
        const uint8_t *schedule = schedules + (size_t)(place ^ hole) * AES_SCHEDULE_BYTES;
        __m512i x[WIDTH];
        __m512i key = round_key(schedule, 0);
        for (int i = 0; i < WIDTH; i++) x[i] = _mm512_xor_si512(start[i], key);
        for (int round = 1; round < ROUNDS; round++) {
            key = round_key(schedule, round);
            for (int i = 0; i < WIDTH; i++) x[i] = _mm512_aesenc_epi128(x[i], key);
        }
        key = round_key(schedule, ROUNDS);
        for (int i = 0; i < WIDTH; i++) {
            x[i] = _mm512_aesenclast_epi128(x[i], key);
            all[i] = _mm512_xor_si512(all[i], x[i]);
        }
        for (unsigned bit = 0; bit < k; bit++) {
            if (!(place >> bit & 1)) continue;
            for (int i = 0; i < WIDTH; i++) row[bit][i] = _mm512_xor_si512(row[bit][i], x[i]);
        }
    }
    for (int i = 0; i < WIDTH; i++) {
        store_wide(sum + (size_t)i * REGISTER_BYTES, all[i]);
        for (unsigned bit = 0; bit < k; bit++) store_wide(rows + bit * stride + (size_t)i * REGISTER_BYTES, row[bit][i]);
    }
}

void wide_fold(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, size_t stride, uint8_t *rows,
               uint8_t *sum)
{
    const size_t head = to_block(position, bytes);
    transfers_fold(schedules, k, hole, position, head, stride, rows, sum);
    size_t at = head;
    for (; at + CHUNK <= bytes; at += CHUNK) {
        const uint64_t number = (position + at) / AES_BLOCK_BYTES;
        if (k == 4) fold_chunk(schedules, 4, hole, number, stride, rows + at, sum + at);
        else fold_chunk(schedules, k, hole, number, stride, rows + at, sum + at);
    }
    transfers_fold(schedules, k, hole, position + at, bytes - at, stride, rows + at, sum + at);
}

/** h of sixteen blocks in place; their tweaks begin at `tweak`. */
INLINE void hash_wide(const __m512i *keys, __m512i *x, uint64_t tweak)
{
    __m512i inner[WIDTH];
    encrypt_wide(keys, x);
    for (int i = 0; i < WIDTH; i++) {
        const uint64_t first = tweak + (uint64_t)i * 4;
        inner[i] = x[i];
        x[i] = _mm512_xor_si512(x[i], _mm512_set_epi64(0, (long long)(first + 3), 0, (long long)(first + 2), 0,
                                                       (long long)(first + 1), 0, (long long)first));
    }
    encrypt_wide(keys, x);
    for (int i = 0; i < WIDTH; i++) x[i] = _mm512_xor_si512(x[i], inner[i]);
}

/** The lowest bits of the eight blocks in two registers. */
INLINE uint8_t low_bits(__m512i a, __m512i b)
{
    const __m512i low = _mm512_permutex2var_epi64(a, _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0), b);
    return (uint8_t)_mm512_test_epi64_mask(low, _mm512_set1_epi64(1));
}

/** Writes the hashes of 128 blocks, or their lowest bits; of a last piece only `count`, with bits a multiple of eight. */
INLINE void hash_blocks(const __m512i *keys, const __m512i *blocks, __m512i delta, uint64_t tweak, size_t count, uint8_t *out,
                        int bits)
{
    const size_t at_once = WIDTH * 4;
    for (size_t first = 0; first < count; first += at_once) {
        __m512i x[WIDTH];
        for (int i = 0; i < WIDTH; i++) x[i] = _mm512_xor_si512(blocks[first / 4 + (size_t)i], delta);
        hash_wide(keys, x, tweak + first);
        if (bits) {
            out[first / 8] = low_bits(x[0], x[1]);
            if (first + 8 < count) out[first / 8 + 1] = low_bits(x[2], x[3]);
            continue;
        }
        const size_t left = (count - first) * AES_BLOCK_BYTES;
        uint8_t *to = out + first * AES_BLOCK_BYTES;
        if (left >= CHUNK) {
            for (int i = 0; i < WIDTH; i++) store_wide(to + (size_t)i * REGISTER_BYTES, x[i]);
        } else {
            memcpy(to, x, left);
        }
    }
}

void wide_hash(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak, const uint8_t *delta,
               uint8_t *zero, uint8_t *one, int bits)
{
    __m512i keys[ROUNDS + 1];
    union {
        block narrow[TRANSFER_ROWS];
        __m512i wide[TRANSFER_ROWS / 4];
    } columns;
    load_keys(keys, schedule);
    const __m512i none = _mm512_setzero_si512();
    const __m512i shift =
        one != NULL ? _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)delta)) : none;
    for (size_t first = 0; first < count; first += TRANSFER_ROWS) {
        load_columns(columns.narrow, matrix, bytes, first / 8);
        const size_t left = count - first < TRANSFER_ROWS ? count - first : TRANSFER_ROWS;
        const size_t to = bits ? first / 8 : first * AES_BLOCK_BYTES;
        hash_blocks(keys, columns.wide, none, tweak + first, left, zero + to, bits);
        if (one != NULL) hash_blocks(keys, columns.wide, shift, tweak + first, left, one + to, bits);
    }
}
