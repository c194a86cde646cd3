// The portable field, one lane: integers modulo p = 2^255 - 19 in five limbs of 51 bits and 128-bit products.
//
// A field element (`fe`) has limbs below 2^54. A product leaves limbs below 2^51 + 2^13, so that a few sums and
// differences of products are field elements without a carry: that is `wide` here.
#ifndef HALFROOM_FIELD51_H
#define HALFROOM_FIELD51_H

#include "bytes.h"
#include "constants.h"

#define LANES 1
#define LIMBS 5
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))

typedef unsigned __int128 u128;
typedef struct {
    uint64_t v[5];
} fe;
typedef fe wide;
typedef fe packed;
/** All ones or all zeros. */
typedef uint64_t mask;
typedef int64_t lane_int;

/** Limbs of p times `factor`. */
#define P0(factor) ((MASK51 - 18) * (factor))
#define P1(factor) (MASK51 * (factor))

INLINE void fe_from_limbs(fe *r, const uint64_t *limbs)
{
    for (int i = 0; i < 5; i++) r->v[i] = limbs[i];
}

INLINE void fe_from_words(fe *r, const uint64_t words[4]) { words_to_limbs51(r->v, words); }

/** A little-endian integer, its highest bit ignored. */
INLINE void fe_load(fe *r, const uint8_t *bytes)
{
    uint64_t words[4];
    load_words(words, bytes);
    fe_from_words(r, words);
}

/** Limbs below 2^64 - 2^17 to limbs below 2^51 + 2^18. */
INLINE void carry_all(fe *r, const fe *a)
{
    uint64_t c0 = a->v[0] >> 51, c1 = a->v[1] >> 51, c2 = a->v[2] >> 51, c3 = a->v[3] >> 51, c4 = a->v[4] >> 51;
    r->v[0] = (a->v[0] & MASK51) + 19 * c4;
    r->v[1] = (a->v[1] & MASK51) + c0;
    r->v[2] = (a->v[2] & MASK51) + c1;
    r->v[3] = (a->v[3] & MASK51) + c2;
    r->v[4] = (a->v[4] & MASK51) + c3;
}

INLINE void wide_add(wide *r, const wide *a, const wide *b)
{
    for (int i = 0; i < 5; i++) r->v[i] = a->v[i] + b->v[i];
}

/** a - b + 4 p; b below 2^53. */
INLINE void wide_sub(wide *r, const wide *a, const wide *b)
{
    r->v[0] = a->v[0] + P0(4) - b->v[0];
    for (int i = 1; i < 5; i++) r->v[i] = a->v[i] + P1(4) - b->v[i];
}

INLINE void fe_narrow(fe *r, const wide *a) { *r = *a; }

INLINE void fe_add(fe *r, const fe *a, const fe *b)
{
    wide_add(r, a, b);
    carry_all(r, r);
}

/** a - b + 16 p, carried. */
INLINE void fe_sub(fe *r, const fe *a, const fe *b)
{
    r->v[0] = a->v[0] + P0(16) - b->v[0];
    for (int i = 1; i < 5; i++) r->v[i] = a->v[i] + P1(16) - b->v[i];
    carry_all(r, r);
}

/** Sums and differences of products, fit for one more product without a carry. */
#define fe_add_lazy wide_add
#define fe_sub_lazy wide_sub

INLINE void fe_neg_lazy(fe *r, const fe *a)
{
    r->v[0] = P0(4) - a->v[0];
    for (int i = 1; i < 5; i++) r->v[i] = P1(4) - a->v[i];
}

/**
 * Column sums below 2^115 to limbs. A column before its carry is at most 77 * 2^108, so each carry fits 64 bits;
 * the last one, of a column without a factor 19, is below 2^59.4 and so is 19 times it below 2^64.
 */
INLINE void carry_columns(fe *r, u128 r0, u128 r1, u128 r2, u128 r3, u128 r4)
{
    r1 += (uint64_t)(r0 >> 51);
    r2 += (uint64_t)(r1 >> 51);
    r3 += (uint64_t)(r2 >> 51);
    r4 += (uint64_t)(r3 >> 51);
    uint64_t low = ((uint64_t)r0 & MASK51) + 19 * (uint64_t)(r4 >> 51);
    r->v[0] = low & MASK51;
    r->v[1] = ((uint64_t)r1 & MASK51) + (low >> 51);
    r->v[2] = (uint64_t)r2 & MASK51;
    r->v[3] = (uint64_t)r3 & MASK51;
    r->v[4] = (uint64_t)r4 & MASK51;
}

INLINE u128 times(uint64_t a, uint64_t b) { return (u128)a * b; }

INLINE void wide_mul(wide *r, const fe *a, const fe *b)
{
    uint64_t a0 = a->v[0], a1 = a->v[1], a2 = a->v[2], a3 = a->v[3], a4 = a->v[4];
    uint64_t b0 = b->v[0], b1 = b->v[1], b2 = b->v[2], b3 = b->v[3], b4 = b->v[4];
    uint64_t n1 = 19 * b1, n2 = 19 * b2, n3 = 19 * b3, n4 = 19 * b4;
    carry_columns(r, times(a0, b0) + times(a1, n4) + times(a2, n3) + times(a3, n2) + times(a4, n1),
                  times(a0, b1) + times(a1, b0) + times(a2, n4) + times(a3, n3) + times(a4, n2),
                  times(a0, b2) + times(a1, b1) + times(a2, b0) + times(a3, n4) + times(a4, n3),
                  times(a0, b3) + times(a1, b2) + times(a2, b1) + times(a3, b0) + times(a4, n4),
                  times(a0, b4) + times(a1, b3) + times(a2, b2) + times(a3, b1) + times(a4, b0));
}

INLINE void wide_sq(wide *r, const fe *a)
{
    uint64_t a0 = a->v[0], a1 = a->v[1], a2 = a->v[2], a3 = a->v[3], a4 = a->v[4];
    uint64_t d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3, n3 = 19 * a3, n4 = 19 * a4;
    carry_columns(r, times(a0, a0) + times(d1, n4) + times(d2, n3),
                  times(d0, a1) + times(d2, n4) + times(a3, n3),
                  times(d0, a2) + times(a1, a1) + times(d3, n4),
                  times(d0, a3) + times(d1, a2) + times(a4, n4),
                  times(d0, a4) + times(d1, a3) + times(a2, a2));
}

/** Little-endian, below p. */
INLINE void fe_store(uint8_t *bytes, const fe *a)
{
    fe t;
    carry_all(&t, a);
    carry_all(&t, &t);
    // now below 2 p; q is 1 if t >= p: the carry out of bit 255 of t + 19
    uint64_t q = (t.v[0] + 19) >> 51;
    for (int i = 1; i < 5; i++) q = (t.v[i] + q) >> 51;
    t.v[0] += 19 * q;
    for (int i = 0; i < 4; i++) {
        t.v[i + 1] += t.v[i] >> 51;
        t.v[i] &= MASK51;
    }
    t.v[4] &= MASK51;
    uint64_t words[4];
    limbs51_to_words(words, t.v);
    store_words(bytes, words);
}

INLINE mask fe_is_zero(const fe *a)
{
    uint8_t bytes[32];
    uint64_t words[4];
    fe_store(bytes, a);
    load_words(words, bytes);
    uint64_t bits = words[0] | words[1] | words[2] | words[3];
    return opaque(((bits | (0 - bits)) >> 63) - 1);
}

/** Odd, in the sense of RFC 9496, section 3.1. */
INLINE mask fe_is_negative(const fe *a)
{
    uint8_t bytes[32];
    fe_store(bytes, a);
    return opaque(0 - (uint64_t)(bytes[0] & 1));
}

INLINE void fe_select(fe *r, mask m, const fe *yes, const fe *no)
{
    for (int i = 0; i < 5; i++) r->v[i] = no->v[i] ^ (m & (no->v[i] ^ yes->v[i]));
}

INLINE mask mask_and(mask a, mask b) { return a & b; }
INLINE mask mask_or(mask a, mask b) { return a | b; }
INLINE mask mask_xor(mask a, mask b) { return a ^ b; }
/** One bit a lane. */
INLINE unsigned mask_bits(mask m) { return (unsigned)(m & 1); }

INLINE void fe_pack(packed *r, const fe *a) { *r = *a; }
INLINE void fe_unpack(fe *r, const packed *a) { *r = *a; }
INLINE void packed_overlay(packed *r, mask m, const packed *a) { fe_select(r, m, a, r); }

/** A lane's element is five words in memory: lane l's from base[at[l]] on. */
INLINE void packed_gather(packed *r, const uint64_t *base, const uint64_t at[LANES])
{
    for (int i = 0; i < 5; i++) r->v[i] = base[at[0] + i];
}
INLINE void packed_scatter(uint64_t *base, const uint64_t at[LANES], const packed *a)
{
    for (int i = 0; i < 5; i++) base[at[0] + i] = a->v[i];
}
/** The same element in every lane. */
INLINE void packed_broadcast(packed *r, const uint64_t *from)
{
    for (int i = 0; i < 5; i++) r->v[i] = from[i];
}

INLINE lane_int lanes_load(const int8_t *values) { return values[0]; }
INLINE mask lanes_equal(lane_int a, int value)
{
    uint64_t difference = (uint64_t)(a ^ value);
    return opaque(((difference | (0 - difference)) >> 63) - 1);
}
INLINE mask lanes_negative(lane_int a) { return opaque((uint64_t)(a >> 63)); }
INLINE lane_int lanes_abs(lane_int a) { return (a ^ (a >> 63)) - (a >> 63); }

#endif
