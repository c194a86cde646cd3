// The rounds of AES-128 on several blocks side by side; only for files compiled for processors with AES instructions: AES-NI of x86-64, or the
// Cryptographic Extension of ARMv8.
#ifndef HALFROOM_AES_ROUNDS_H
#define HALFROOM_AES_ROUNDS_H

#include "aes.h"
#include "block.h"

#define LANES 8
#define ROUNDS 10

static inline void load_schedule(block *keys, const uint8_t *schedule)
{
    for (int round = 0; round <= ROUNDS; round++) keys[round] = load(schedule + round * AES_BLOCK_BYTES);
}

#ifdef __aarch64__

#include <arm_neon.h>

/** A key is added first, then bytes are substituted and rows shifted. */
static inline block substitute(block x, block key) { return (block)vaeseq_u8((uint8x16_t)x, (uint8x16_t)key); }

/** The instructions of ARMv8 add a round's key at its beginning, and mix columns apart. */
static inline __attribute__((always_inline)) void encrypt(const block *keys, block *x, int lanes)
{
    for (int round = 0; round < ROUNDS - 1; round++) {
        for (int i = 0; i < lanes; i++) x[i] = (block)vaesmcq_u8((uint8x16_t)substitute(x[i], keys[round]));
    }
    for (int i = 0; i < lanes; i++) x[i] = substitute(x[i], keys[ROUNDS - 1]) ^ keys[ROUNDS];
}

/** The S-box on each byte, plus `added`. Columns are equal, so that no shift of rows changes anything. */
static inline block substitute_equal(block columns, block added) { return substitute(columns, (block){0, 0}) ^ added; }

#else

#include <wmmintrin.h>

static inline __attribute__((always_inline)) void encrypt(const block *keys, block *x, int lanes)
{
    for (int i = 0; i < lanes; i++) x[i] ^= keys[0];
    for (int round = 1; round < ROUNDS; round++) {
        for (int i = 0; i < lanes; i++) x[i] = (block)_mm_aesenc_si128((__m128i)x[i], (__m128i)keys[round]);
    }
    for (int i = 0; i < lanes; i++) x[i] = (block)_mm_aesenclast_si128((__m128i)x[i], (__m128i)keys[ROUNDS]);
}

/** The S-box on each byte, plus `added`. Columns are equal, so that no shift of rows changes anything. */
static inline block substitute_equal(block columns, block added)
{
    return (block)_mm_aesenclast_si128((__m128i)columns, (__m128i)added);
}

#endif
#endif
