// The rounds of AES-128 on several blocks side by side; only for files compiled for processors with AES instructions.
#ifndef HALFROOM_AES_ROUNDS_H
#define HALFROOM_AES_ROUNDS_H

#include "aes.h"

#include <immintrin.h>

#define LANES 8
#define ROUNDS 10

static inline __m128i load(const uint8_t *at) { return _mm_loadu_si128((const __m128i *)at); }
static inline void store(uint8_t *at, __m128i block) { _mm_storeu_si128((__m128i *)at, block); }

static inline void load_schedule(__m128i *keys, const uint8_t *schedule)
{
    for (int round = 0; round <= ROUNDS; round++) keys[round] = load(schedule + round * AES_BLOCK_BYTES);
}

static inline __attribute__((always_inline)) void encrypt(const __m128i *keys, __m128i *x, int lanes)
{
    for (int i = 0; i < lanes; i++) x[i] = _mm_xor_si128(x[i], keys[0]);
    for (int round = 1; round < ROUNDS; round++) {
        for (int i = 0; i < lanes; i++) x[i] = _mm_aesenc_si128(x[i], keys[round]);
    }
    for (int i = 0; i < lanes; i++) x[i] = _mm_aesenclast_si128(x[i], keys[ROUNDS]);
}

#endif
