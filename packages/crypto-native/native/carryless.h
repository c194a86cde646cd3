// Products of polynomials over GF(2) of degree below 64; only for files compiled for processors with PCLMULQDQ of x86-64, or PMULL of ARMv8.
#ifndef HALFROOM_CARRYLESS_H
#define HALFROOM_CARRYLESS_H

#include "block.h"

#ifdef __aarch64__

#include <arm_neon.h>

static inline block product_of_first(block a, block b) { return (block)vreinterpretq_u64_p128(vmull_p64((poly64_t)a[0], (poly64_t)b[0])); }

static inline block product_of_second(block a, block b)
{
    return (block)vreinterpretq_u64_p128(vmull_high_p64((poly64x2_t)a, (poly64x2_t)b));
}

/** First times second word and second times first, added up. */
static inline block cross_products(block a, block b)
{
    const block swapped = swap_words(b);
    return product_of_first(a, swapped) ^ product_of_second(a, swapped);
}

#else

#include <wmmintrin.h>

static inline block product_of_first(block a, block b) { return (block)_mm_clmulepi64_si128((__m128i)a, (__m128i)b, 0x00); }

static inline block product_of_second(block a, block b) { return (block)_mm_clmulepi64_si128((__m128i)a, (__m128i)b, 0x11); }

/** First times second word and second times first, added up. */
static inline block cross_products(block a, block b)
{
    const __m128i x = (__m128i)a, y = (__m128i)b;
    return (block)_mm_clmulepi64_si128(x, y, 0x01) ^ (block)_mm_clmulepi64_si128(x, y, 0x10);
}

#endif
#endif
