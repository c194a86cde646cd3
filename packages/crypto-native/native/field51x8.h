// Eight lanes of the field in AVX-512 with IFMA: five limbs of 51 bits, each limb of the eight in one register.
//
// The processor multiplies the lowest 52 bits of two words and adds either half of the product. The upper half
// counts 2^52, twice what the next limb counts, so upper halves are gathered first, doubled, and lower halves added.
//
// A field element (`fe`) has limbs below 2^52, all that a multiplication reads. A product before its carry, or a sum
// of a few of them, is `wide`: its limbs use the whole word, and `fe_narrow` carries once for all.
#ifndef HALFROOM_FIELD51X8_H
#define HALFROOM_FIELD51X8_H

#include <immintrin.h>
#include "bytes.h"
#include "constants.h"

#define LANES 8
#define LIMBS 5
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))

typedef __m512i word;
typedef struct {
    word v[5];
} fe;
typedef fe wide;
typedef fe packed;
typedef __mmask8 mask;
typedef __m512i lane_int;

#define ADD _mm512_add_epi64
#define SUB _mm512_sub_epi64
#define AND _mm512_and_si512
#define SHR51(a) _mm512_srli_epi64(a, 51)
#define ALL(value) _mm512_set1_epi64((long long)(value))
/** Limbs of p times `factor`. */
#define P0(factor) ALL((MASK51 - 18) * (factor))
#define P1(factor) ALL(MASK51 * (factor))

INLINE void fe_from_limbs(fe *r, const uint64_t *limbs)
{
    for (int i = 0; i < 5; i++) {
        uint64_t lanes[LANES];
        for (int lane = 0; lane < LANES; lane++) lanes[lane] = limbs[5 * lane + i];
        r->v[i] = _mm512_loadu_si512(lanes);
    }
}

INLINE void fe_from_words(fe *r, const uint64_t words[4])
{
    uint64_t limbs[5];
    words_to_limbs51(limbs, words);
    for (int i = 0; i < 5; i++) r->v[i] = ALL(limbs[i]);
}

/** Eight little-endian integers of 32 bytes, their highest bits ignored. */
static void fe_load(fe *r, const uint8_t *bytes)
{
    uint64_t words[4], limbs[5 * LANES];
    for (int lane = 0; lane < LANES; lane++) {
        load_words(words, bytes + lane * ENCODING_BYTES);
        words_to_limbs51(limbs + 5 * lane, words);
    }
    fe_from_limbs(r, limbs);
}

/** Limbs of 64 bits to limbs below 2^51 + 2^18. */
INLINE void fe_narrow(fe *r, const wide *a)
{
    const word low = ALL(MASK51);
    word c0 = SHR51(a->v[0]), c1 = SHR51(a->v[1]), c2 = SHR51(a->v[2]), c3 = SHR51(a->v[3]), c4 = SHR51(a->v[4]);
    r->v[0] = _mm512_madd52lo_epu64(AND(a->v[0], low), c4, ALL(19));
    r->v[1] = ADD(AND(a->v[1], low), c0);
    r->v[2] = ADD(AND(a->v[2], low), c1);
    r->v[3] = ADD(AND(a->v[3], low), c2);
    r->v[4] = ADD(AND(a->v[4], low), c3);
}

INLINE void wide_add(wide *r, const wide *a, const wide *b)
{
    for (int i = 0; i < 5; i++) r->v[i] = ADD(a->v[i], b->v[i]);
}

/** a - b + 2^10 p, for one product b: its limbs are below 300 * 2^52 < 2^61 - 19 * 2^10. */
INLINE void wide_sub(wide *r, const wide *a, const wide *b)
{
    r->v[0] = SUB(ADD(a->v[0], P0(1024)), b->v[0]);
    for (int i = 1; i < 5; i++) r->v[i] = SUB(ADD(a->v[i], P1(1024)), b->v[i]);
}

INLINE void fe_add(fe *r, const fe *a, const fe *b)
{
    wide_add(r, a, b);
    fe_narrow(r, r);
}

/** a - b + 4 p, carried. */
INLINE void fe_sub(fe *r, const fe *a, const fe *b)
{
    r->v[0] = SUB(ADD(a->v[0], P0(4)), b->v[0]);
    for (int i = 1; i < 5; i++) r->v[i] = SUB(ADD(a->v[i], P1(4)), b->v[i]);
    fe_narrow(r, r);
}

/** A sum of two carried elements needs 53 bits, so that nothing is gained by being lazy here. */
#define fe_add_lazy fe_add
#define fe_sub_lazy fe_sub

/** 2 p - a, below 2^52, for a carried element. */
INLINE void fe_neg_lazy(fe *r, const fe *a)
{
    r->v[0] = SUB(P0(2), a->v[0]);
    for (int i = 1; i < 5; i++) r->v[i] = SUB(P1(2), a->v[i]);
}

#define HIGH(sum, x, y) sum = _mm512_madd52hi_epu64(sum, x, y)
#define LOW(sum, x, y) sum = _mm512_madd52lo_epu64(sum, x, y)
#define TWICE(sum) sum = ADD(sum, sum)

/** r_i + 19 r_(i+5): columns are below 15 * 2^52, so the result is below 300 * 2^52. */
INLINE void fold(wide *r, word r0, word r1, word r2, word r3, word r4, word r5, word r6, word r7, word r8, word r9)
{
    const word nineteen = ALL(19);
    r->v[0] = ADD(r0, _mm512_mullo_epi64(r5, nineteen));
    r->v[1] = ADD(r1, _mm512_mullo_epi64(r6, nineteen));
    r->v[2] = ADD(r2, _mm512_mullo_epi64(r7, nineteen));
    r->v[3] = ADD(r3, _mm512_mullo_epi64(r8, nineteen));
    r->v[4] = ADD(r4, _mm512_mullo_epi64(r9, nineteen));
}

INLINE void wide_mul(wide *r, const fe *x, const fe *y)
{
    const word zero = _mm512_setzero_si512();
    word a0 = x->v[0], a1 = x->v[1], a2 = x->v[2], a3 = x->v[3], a4 = x->v[4];
    word b0 = y->v[0], b1 = y->v[1], b2 = y->v[2], b3 = y->v[3], b4 = y->v[4];
    word r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero, r5 = zero, r6 = zero, r7 = zero, r8 = zero, r9 = zero;

    HIGH(r1, a0, b0); HIGH(r2, a0, b1); HIGH(r3, a0, b2); HIGH(r4, a0, b3); HIGH(r5, a0, b4);
    HIGH(r6, a1, b4); HIGH(r7, a2, b4); HIGH(r8, a3, b4); HIGH(r9, a4, b4);
    HIGH(r2, a1, b0); HIGH(r3, a1, b1); HIGH(r4, a1, b2); HIGH(r5, a1, b3);
    HIGH(r6, a2, b3); HIGH(r7, a3, b3); HIGH(r8, a4, b3);
    HIGH(r3, a2, b0); HIGH(r4, a2, b1); HIGH(r5, a2, b2); HIGH(r6, a3, b2); HIGH(r7, a4, b2);
    HIGH(r4, a3, b0); HIGH(r5, a3, b1); HIGH(r6, a4, b1);
    HIGH(r5, a4, b0);
    TWICE(r1); TWICE(r2); TWICE(r3); TWICE(r4); TWICE(r5); TWICE(r6); TWICE(r7); TWICE(r8); TWICE(r9);

    LOW(r0, a0, b0); LOW(r1, a0, b1); LOW(r2, a0, b2); LOW(r3, a0, b3); LOW(r4, a0, b4);
    LOW(r5, a1, b4); LOW(r6, a2, b4); LOW(r7, a3, b4); LOW(r8, a4, b4);
    LOW(r1, a1, b0); LOW(r2, a1, b1); LOW(r3, a1, b2); LOW(r4, a1, b3);
    LOW(r5, a2, b3); LOW(r6, a3, b3); LOW(r7, a4, b3);
    LOW(r2, a2, b0); LOW(r3, a2, b1); LOW(r4, a2, b2); LOW(r5, a3, b2); LOW(r6, a4, b2);
    LOW(r3, a3, b0); LOW(r4, a3, b1); LOW(r5, a4, b1);
    LOW(r4, a4, b0);
    fold(r, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9);
}

/** Mixed products count twice: their upper halves four times, their lower halves and the squares' upper ones twice. */
INLINE void wide_sq(wide *r, const fe *x)
{
    const word zero = _mm512_setzero_si512();
    word a0 = x->v[0], a1 = x->v[1], a2 = x->v[2], a3 = x->v[3], a4 = x->v[4];
    word r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero, r5 = zero, r6 = zero, r7 = zero, r8 = zero, r9 = zero;

    HIGH(r2, a0, a1); HIGH(r3, a0, a2); HIGH(r4, a0, a3); HIGH(r5, a0, a4);
    HIGH(r6, a1, a4); HIGH(r7, a2, a4); HIGH(r8, a3, a4);
    HIGH(r4, a1, a2); HIGH(r5, a1, a3); HIGH(r6, a2, a3);
    TWICE(r2); TWICE(r3); TWICE(r4); TWICE(r5); TWICE(r6); TWICE(r7); TWICE(r8);

    HIGH(r1, a0, a0); HIGH(r3, a1, a1); HIGH(r5, a2, a2); HIGH(r7, a3, a3); HIGH(r9, a4, a4);
    LOW(r1, a0, a1); LOW(r2, a0, a2); LOW(r3, a0, a3); LOW(r4, a0, a4);
    LOW(r5, a1, a4); LOW(r6, a2, a4); LOW(r7, a3, a4);
    LOW(r3, a1, a2); LOW(r4, a1, a3); LOW(r5, a2, a3);
    TWICE(r1); TWICE(r2); TWICE(r3); TWICE(r4); TWICE(r5); TWICE(r6); TWICE(r7); TWICE(r8); TWICE(r9);

    LOW(r0, a0, a0); LOW(r2, a1, a1); LOW(r4, a2, a2); LOW(r6, a3, a3); LOW(r8, a4, a4);
    fold(r, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9);
}

/** The one representative below p, in limbs below 2^51. */
INLINE void canonical(fe *r, const fe *a)
{
    const word low = ALL(MASK51);
    fe t;
    fe_narrow(&t, a);
    fe_narrow(&t, &t);
    // now below 2 p; q is 1 if t >= p: the carry out of bit 255 of t + 19
    word q = SHR51(ADD(t.v[0], ALL(19)));
    for (int i = 1; i < 5; i++) q = SHR51(ADD(t.v[i], q));
    t.v[0] = _mm512_madd52lo_epu64(t.v[0], q, ALL(19));
    for (int i = 0; i < 4; i++) {
        t.v[i + 1] = ADD(t.v[i + 1], SHR51(t.v[i]));
        r->v[i] = AND(t.v[i], low);
    }
    r->v[4] = AND(t.v[4], low);
}

/** Eight encodings, little-endian, below p. */
static void fe_store(uint8_t *bytes, const fe *a)
{
    fe t;
    uint64_t lanes[5][LANES], words[4];
    canonical(&t, a);
    for (int i = 0; i < 5; i++) _mm512_storeu_si512(lanes[i], t.v[i]);
    for (int lane = 0; lane < LANES; lane++) {
        const uint64_t limbs[5] = {lanes[0][lane], lanes[1][lane], lanes[2][lane], lanes[3][lane], lanes[4][lane]};
        limbs51_to_words(words, limbs);
        store_words(bytes + lane * ENCODING_BYTES, words);
    }
}

static mask fe_is_zero(const fe *a)
{
    fe t;
    canonical(&t, a);
    word bits = _mm512_or_si512(t.v[0], _mm512_or_si512(_mm512_or_si512(t.v[1], t.v[2]), _mm512_or_si512(t.v[3], t.v[4])));
    return _mm512_testn_epi64_mask(bits, bits);
}

/** Odd, in the sense of RFC 9496, section 3.1. */
static mask fe_is_negative(const fe *a)
{
    fe t;
    canonical(&t, a);
    return _mm512_test_epi64_mask(t.v[0], ALL(1));
}

INLINE void fe_select(fe *r, mask m, const fe *yes, const fe *no)
{
    for (int i = 0; i < 5; i++) r->v[i] = _mm512_mask_blend_epi64(m, no->v[i], yes->v[i]);
}

INLINE mask mask_or(mask a, mask b) { return a | b; }
/** One bit a lane. */
INLINE unsigned mask_bits(mask m) { return m; }

INLINE void fe_pack(packed *r, const fe *a) { *r = *a; }
INLINE void fe_unpack(fe *r, const packed *a) { *r = *a; }
INLINE void packed_overlay(packed *r, mask m, const packed *a)
{
    for (int i = 0; i < 5; i++) r->v[i] = _mm512_mask_mov_epi64(r->v[i], m, a->v[i]);
}

/** A lane's element is five words in memory: lane l's from base[at[l]] on. */
INLINE void packed_gather(packed *r, const uint64_t *base, const uint64_t at[LANES])
{
    const word places = _mm512_loadu_si512(at);
    for (int i = 0; i < 5; i++) r->v[i] = _mm512_i64gather_epi64(places, (const long long *)base + i, 8);
}
INLINE void packed_scatter(uint64_t *base, const uint64_t at[LANES], const packed *a)
{
    const word places = _mm512_loadu_si512(at);
    for (int i = 0; i < 5; i++) _mm512_i64scatter_epi64((long long *)base + i, places, a->v[i], 8);
}
/** The same element in every lane. */
INLINE void packed_broadcast(packed *r, const uint64_t *from)
{
    for (int i = 0; i < 5; i++) r->v[i] = ALL(from[i]);
}

INLINE lane_int lanes_load(const int8_t *values) { return _mm512_cvtepi8_epi64(_mm_loadl_epi64((const __m128i *)values)); }
INLINE mask lanes_equal(lane_int a, int value) { return _mm512_cmpeq_epi64_mask(a, ALL(value)); }
INLINE mask lanes_negative(lane_int a) { return _mm512_cmplt_epi64_mask(a, _mm512_setzero_si512()); }
INLINE lane_int lanes_abs(lane_int a) { return _mm512_abs_epi64(a); }

#endif
