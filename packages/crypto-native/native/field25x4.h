// Four lanes of the field in AVX2: ten limbs of 26 and 25 bits in turn (radix 2^25.5), each limb of the four in one
// register, because the processor multiplies words of 32 bits.
//
// A field element (`fe`) is carried: limbs below 2^26 + 2^17 and 2^25 + 2^17. One sum or difference of two of them
// may go into a product uncarried (`lazy`): its limbs are below 2^27.6. A product before its carry, or a sum of a
// few of them, is `wide`: limbs below 2^64, and `fe_narrow` carries once for all.
#ifndef HALFROOM_FIELD25X4_H
#define HALFROOM_FIELD25X4_H

#include <immintrin.h>
#include "bytes.h"
#include "constants.h"

#define LANES 4
#define LIMBS 10
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))
#define UNROLL _Pragma("GCC unroll 10")

typedef __m256i word;
typedef struct {
    word v[10];
} fe;
typedef fe wide;
/** A table's element: limb 2 i in the lower and limb 2 i + 1 in the upper half of word i. */
typedef struct {
    word v[5];
} packed;
/** All ones or all zeros in each lane. */
typedef __m256i mask;
typedef __m256i lane_int;

#define ADD _mm256_add_epi64
#define SUB _mm256_sub_epi64
#define AND _mm256_and_si256
#define MUL _mm256_mul_epu32
#define ALL(value) _mm256_set1_epi64x((long long)(value))
#define BITS(i) ((i) % 2 ? 25 : 26)
#define LOW_BITS(i) (((uint64_t)1 << BITS(i)) - 1)
/** Limb i of p times `factor`. */
#define P(i, factor) ALL((LOW_BITS(i) - ((i) == 0 ? 18 : 0)) * (factor))

INLINE void fe_from_limbs(fe *r, const uint64_t *limbs)
{
    for (int i = 0; i < 10; i++) {
        r->v[i] = _mm256_set_epi64x((long long)limbs[30 + i], (long long)limbs[20 + i], (long long)limbs[10 + i], (long long)limbs[i]);
    }
}

/** The lowest 255 bits: limbs of 51 bits, each cut in two. */
INLINE void words_to_limbs(uint64_t limbs[10], const uint64_t words[4])
{
    uint64_t pairs[5];
    words_to_limbs51(pairs, words);
    for (int i = 0; i < 5; i++) {
        limbs[2 * i] = pairs[i] & LOW_BITS(0);
        limbs[2 * i + 1] = pairs[i] >> 26;
    }
}

INLINE void fe_from_words(fe *r, const uint64_t words[4])
{
    uint64_t limbs[10];
    words_to_limbs(limbs, words);
    for (int i = 0; i < 10; i++) r->v[i] = ALL(limbs[i]);
}

/** Four little-endian integers of 32 bytes, their highest bits ignored. */
static void fe_load(fe *r, const uint8_t *bytes)
{
    uint64_t words[4], limbs[10 * LANES];
    for (int lane = 0; lane < LANES; lane++) {
        load_words(words, bytes + lane * ENCODING_BYTES);
        words_to_limbs(limbs + 10 * lane, words);
    }
    fe_from_limbs(r, limbs);
}

/** 19 a for any a below 2^59. */
INLINE word nineteen_times(word a) { return ADD(a, ADD(_mm256_slli_epi64(a, 1), _mm256_slli_epi64(a, 4))); }

#define CARRY(i, j)                                             \
    do {                                                        \
        t[j] = ADD(t[j], _mm256_srli_epi64(t[i], BITS(i)));     \
        t[i] = AND(t[i], ALL(LOW_BITS(i)));                     \
    } while (0)

/**
 * Limbs below 2^63 to a carried element. Two chains side by side: each carry is below 2^39, so that after the turn
 * through limb 9 and the last steps limbs 1 and 6 exceed their bits by less than 2^17.
 */
INLINE void fe_narrow(fe *r, const wide *a)
{
    word t[10];
    UNROLL for (int i = 0; i < 10; i++) t[i] = a->v[i];
    CARRY(0, 1); CARRY(5, 6);
    CARRY(1, 2); CARRY(6, 7);
    CARRY(2, 3); CARRY(7, 8);
    CARRY(3, 4); CARRY(8, 9);
    CARRY(4, 5);
    t[0] = ADD(t[0], nineteen_times(_mm256_srli_epi64(t[9], 25)));
    t[9] = AND(t[9], ALL(LOW_BITS(9)));
    CARRY(5, 6);
    CARRY(0, 1);
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = t[i];
}

/** Limbs below 2^32 to a carried element, all limbs at once. */
INLINE void fe_narrow_small(fe *r, const fe *a)
{
    word carry[10];
    UNROLL for (int i = 0; i < 10; i++) carry[i] = _mm256_srli_epi64(a->v[i], BITS(i));
    r->v[0] = ADD(AND(a->v[0], ALL(LOW_BITS(0))), nineteen_times(carry[9]));
    UNROLL for (int i = 1; i < 10; i++) r->v[i] = ADD(AND(a->v[i], ALL(LOW_BITS(i))), carry[i - 1]);
}

INLINE void wide_add(wide *r, const wide *a, const wide *b)
{
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = ADD(a->v[i], b->v[i]);
}

/** a - b + factor p; limbs of b not above those of factor p. */
INLINE void subtract_from(fe *r, const fe *a, const fe *b, uint64_t factor)
{
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = SUB(ADD(a->v[i], P(i, factor)), b->v[i]);
}

/** a - b + 2^36 p, for one product b: its limbs are below 2^61.2 and 2^60.6 even with one lazy operand squared. */
INLINE void wide_sub(wide *r, const wide *a, const wide *b) { subtract_from(r, a, b, (uint64_t)1 << 36); }

#define fe_add_lazy wide_add

/** a - b + 2 p */
INLINE void fe_sub_lazy(fe *r, const fe *a, const fe *b) { subtract_from(r, a, b, 2); }

INLINE void fe_add(fe *r, const fe *a, const fe *b)
{
    wide_add(r, a, b);
    fe_narrow_small(r, r);
}

/** a - b + 4 p, carried; either operand may be lazy. */
INLINE void fe_sub(fe *r, const fe *a, const fe *b)
{
    subtract_from(r, a, b, 4);
    fe_narrow_small(r, r);
}

/** 2 p - a, for a carried element. */
INLINE void fe_neg_lazy(fe *r, const fe *a)
{
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = SUB(P(i, 2), a->v[i]);
}

/**
 * Column k sums a_i b_j over i + j = k, and over i + j = k + 10 times 19; twice where i and j are both odd, because
 * the weights are 2^ceil(25.5 i). One operand may be lazy.
 */
OUTLINE void wide_mul(wide *r, const fe *a, const fe *b)
{
    word twice[10], b19[10], t[10];
    UNROLL for (int i = 1; i < 10; i += 2) twice[i] = ADD(a->v[i], a->v[i]);
    UNROLL for (int j = 1; j < 10; j++) b19[j] = MUL(b->v[j], ALL(19));
    UNROLL for (int k = 0; k < 10; k++)
    {
        t[k] = _mm256_setzero_si256();
        UNROLL for (int i = 0; i < 10; i++)
        {
            const int j = (k - i + 10) % 10;
            t[k] = ADD(t[k], MUL(i % 2 && j % 2 ? twice[i] : a->v[i], i > k ? b19[j] : b->v[j]));
        }
    }
    UNROLL for (int k = 0; k < 10; k++) r->v[k] = t[k];
}

/** As `wide_mul`, each mixed product once: twice a_i for i < j. The operand may be lazy. */
OUTLINE void wide_sq(wide *r, const fe *a)
{
    word twice[10], a19[10], t[10];
    UNROLL for (int i = 0; i < 10; i++) twice[i] = ADD(a->v[i], a->v[i]);
    // odd limbs times 38 where the other limb is odd too
    UNROLL for (int j = 5; j < 10; j++) a19[j] = MUL(a->v[j], ALL(j % 2 ? 38 : 19));
    UNROLL for (int k = 0; k < 10; k++)
    {
        t[k] = _mm256_setzero_si256();
        UNROLL for (int i = 0; i < 10; i++)
        {
            const int j = (k - i + 10) % 10;
            if (i > j) continue;
            if (i > k) { // i + j = k + 10; 38 a_j counts twice already
                t[k] = ADD(t[k], MUL(i == j ? a->v[i] : i % 2 && j % 2 ? twice[i] : j % 2 ? a->v[i] : twice[i], a19[j]));
            } else if (i % 2 && j % 2) {
                t[k] = ADD(t[k], i == j ? MUL(twice[i], a->v[i]) : MUL(twice[i], twice[j]));
            } else {
                t[k] = ADD(t[k], MUL(i == j ? a->v[i] : twice[i], a->v[j]));
            }
        }
    }
    UNROLL for (int k = 0; k < 10; k++) r->v[k] = t[k];
}

/** The one representative below p. */
INLINE void canonical(fe *r, const fe *a)
{
    word t[10];
    fe_narrow(r, a);
    fe_narrow(r, r);
    // now below 2 p; q is 1 if t >= p: the carry out of bit 255 of t + 19
    word q = ALL(19);
    UNROLL for (int i = 0; i < 10; i++) q = _mm256_srli_epi64(ADD(r->v[i], q), BITS(i));
    UNROLL for (int i = 0; i < 10; i++) t[i] = r->v[i];
    t[0] = ADD(t[0], nineteen_times(q));
    UNROLL for (int i = 0; i < 9; i++) CARRY(i, i + 1);
    t[9] = AND(t[9], ALL(LOW_BITS(9)));
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = t[i];
}

/** Four encodings, little-endian, below p. */
static void fe_store(uint8_t *bytes, const fe *a)
{
    fe t;
    uint64_t lanes[10][LANES], words[4], pairs[5];
    canonical(&t, a);
    for (int i = 0; i < 10; i++) _mm256_storeu_si256((__m256i *)lanes[i], t.v[i]);
    for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < 5; i++) pairs[i] = lanes[2 * i][lane] | lanes[2 * i + 1][lane] << 26;
        limbs51_to_words(words, pairs);
        store_words(bytes + lane * ENCODING_BYTES, words);
    }
}

static mask fe_is_zero(const fe *a)
{
    fe t;
    canonical(&t, a);
    word bits = t.v[0];
    for (int i = 1; i < 10; i++) bits = _mm256_or_si256(bits, t.v[i]);
    return _mm256_cmpeq_epi64(bits, _mm256_setzero_si256());
}

/** Odd, in the sense of RFC 9496, section 3.1. */
static mask fe_is_negative(const fe *a)
{
    fe t;
    canonical(&t, a);
    return _mm256_cmpeq_epi64(AND(t.v[0], ALL(1)), ALL(1));
}

INLINE void fe_select(fe *r, mask m, const fe *yes, const fe *no)
{
    UNROLL for (int i = 0; i < 10; i++) r->v[i] = _mm256_blendv_epi8(no->v[i], yes->v[i], m);
}

INLINE mask mask_or(mask a, mask b) { return _mm256_or_si256(a, b); }
/** One bit a lane. */
INLINE unsigned mask_bits(mask m) { return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(m)); }

INLINE void fe_pack(packed *r, const fe *a)
{
    UNROLL for (int i = 0; i < 5; i++) r->v[i] = _mm256_or_si256(a->v[2 * i], _mm256_slli_epi64(a->v[2 * i + 1], 32));
}

INLINE void fe_unpack(fe *r, const packed *a)
{
    UNROLL for (int i = 0; i < 5; i++)
    {
        r->v[2 * i] = AND(a->v[i], ALL(UINT32_MAX));
        r->v[2 * i + 1] = _mm256_srli_epi64(a->v[i], 32);
    }
}

INLINE void packed_overlay(packed *r, mask m, const packed *a)
{
    UNROLL for (int i = 0; i < 5; i++) r->v[i] = _mm256_blendv_epi8(r->v[i], a->v[i], m);
}

/** A lane's element is five words in memory: lane l's from base[at[l]] on. */
INLINE void packed_gather(packed *r, const uint64_t *base, const uint64_t at[LANES])
{
    const uint64_t *a = base + at[0], *b = base + at[1], *c = base + at[2], *d = base + at[3];
    UNROLL for (int i = 0; i < 5; i++)
    {
        r->v[i] = _mm256_set_epi64x((long long)d[i], (long long)c[i], (long long)b[i], (long long)a[i]);
    }
}
INLINE void packed_scatter(uint64_t *base, const uint64_t at[LANES], const packed *p)
{
    uint64_t *a = base + at[0], *b = base + at[1], *c = base + at[2], *d = base + at[3];
    UNROLL for (int i = 0; i < 5; i++)
    {
        const __m128i low = _mm256_castsi256_si128(p->v[i]), high = _mm256_extracti128_si256(p->v[i], 1);
        _mm_storel_epi64((__m128i *)(a + i), low);
        _mm_storeh_pd((double *)(b + i), _mm_castsi128_pd(low));
        _mm_storel_epi64((__m128i *)(c + i), high);
        _mm_storeh_pd((double *)(d + i), _mm_castsi128_pd(high));
    }
}
/** The same element in every lane. */
INLINE void packed_broadcast(packed *r, const uint64_t *from)
{
    UNROLL for (int i = 0; i < 5; i++) r->v[i] = ALL(from[i]);
}

INLINE lane_int lanes_load(const int8_t *values)
{
    int32_t bytes;
    memcpy(&bytes, values, sizeof bytes);
    return _mm256_cvtepi8_epi64(_mm_cvtsi32_si128(bytes));
}
INLINE mask lanes_equal(lane_int a, int value) { return _mm256_cmpeq_epi64(a, ALL(value)); }
INLINE mask lanes_negative(lane_int a) { return _mm256_cmpgt_epi64(_mm256_setzero_si256(), a); }
INLINE lane_int lanes_abs(lane_int a)
{
    const mask negative = lanes_negative(a);
    return SUB(_mm256_xor_si256(a, negative), negative);
}

#endif
