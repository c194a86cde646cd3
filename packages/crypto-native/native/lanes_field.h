// Powers and roots in the field, over lanes. A chain of squarings waits for each of its results, so WIDTH elements
// go side by side. Included after a field (field51.h and its like), once for each path.
#ifndef HALFROOM_LANES_FIELD_H
#define HALFROOM_LANES_FIELD_H

#define WIDTH 4

/** One field constant in every lane. */
INLINE fe constant(const uint64_t words[4])
{
    fe r;
    fe_from_words(&r, words);
    return r;
}

/** Products where speed counts: one copy of the code for each call. */
INLINE void mul_inline(fe *r, const fe *a, const fe *b)
{
    wide w;
    wide_mul(&w, a, b);
    fe_narrow(r, &w);
}

INLINE void sq_inline(fe *r, const fe *a)
{
    wide w;
    wide_sq(&w, a);
    fe_narrow(r, &w);
}

OUTLINE void fe_mul(fe *r, const fe *a, const fe *b) { mul_inline(r, a, b); }

OUTLINE void fe_sq(fe *r, const fe *a) { sq_inline(r, a); }

INLINE void fe_neg(fe *r, const fe *a)
{
    const fe zero = {0};
    fe_sub(r, &zero, a);
}

/** CT_ABS of RFC 9496, section 3.1. */
INLINE void fe_abs(fe *r, const fe *a)
{
    fe negated;
    fe_neg(&negated, a);
    fe_select(r, fe_is_negative(a), &negated, a);
}

INLINE mask fe_equal(const fe *a, const fe *b)
{
    fe difference;
    fe_sub(&difference, a, b);
    return fe_is_zero(&difference);
}

INLINE void square_times(fe *x, int width, int times)
{
    for (int t = 0; t < times; t++) {
        for (int k = 0; k < width; k++) sq_inline(&x[k], &x[k]);
    }
}

INLINE void multiply_all(fe *r, const fe *a, const fe *b, int width)
{
    for (int k = 0; k < width; k++) fe_mul(&r[k], &a[k], &b[k]);
}

/** r = x^(2^times) y */
INLINE void power_step(fe *r, const fe *x, int times, const fe *y, int width)
{
    fe t[WIDTH];
    for (int k = 0; k < width; k++) t[k] = x[k];
    square_times(t, width, times);
    multiply_all(r, t, y, width);
}

/** r = x^(2^252 - 3), which is x^((p - 5) / 8): runs of ones in the exponent double in length. */
INLINE void power_p58(fe *r, const fe *x, int width)
{
    fe ones2[WIDTH], ones4[WIDTH], ones5[WIDTH], ones10[WIDTH], ones50[WIDTH], t[WIDTH];
    power_step(ones2, x, 1, x, width);
    power_step(ones4, ones2, 2, ones2, width);
    power_step(ones5, ones4, 1, x, width);
    power_step(ones10, ones5, 5, ones5, width);
    power_step(t, ones10, 10, ones10, width); // 20
    power_step(t, t, 20, t, width);           // 40
    power_step(ones50, t, 10, ones10, width);
    power_step(t, ones50, 50, ones50, width); // 100
    power_step(t, t, 100, t, width);          // 200
    power_step(t, t, 50, ones50, width);      // 250
    power_step(r, t, 2, x, width);
}

/** r = 1/x, zero for zero: p - 2 = 8 (2^252 - 3) + 3. */
static void fe_invert(fe *r, const fe *x)
{
    fe t, cube;
    power_p58(&t, x, 1);
    square_times(&t, 1, 3);
    fe_sq(&cube, x);
    fe_mul(&cube, &cube, x);
    fe_mul(r, &t, &cube);
}

/** SQRT_RATIO_M1 of RFC 9496, section 4.2, for WIDTH pairs: the root and whether u/v is a square. */
static void sqrt_ratio_m1(fe *r, mask *was_square, const fe *u, const fe *v)
{
    fe t[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
        fe v3, v7;
        fe_sq(&v3, &v[k]);
        fe_mul(&v3, &v3, &v[k]);
        fe_sq(&v7, &v3);
        fe_mul(&v7, &v7, &v[k]);
        fe_mul(&r[k], &u[k], &v3);
        fe_mul(&t[k], &u[k], &v7);
    }
    power_p58(t, t, WIDTH);

    const fe sqrt_m1 = constant(SQRT_M1);
    for (int k = 0; k < WIDTH; k++) {
        fe check, negated, negated_i, rotated;
        fe_mul(&r[k], &r[k], &t[k]);
        fe_sq(&check, &r[k]);
        fe_mul(&check, &check, &v[k]);
        fe_neg(&negated, &u[k]);
        fe_mul(&negated_i, &negated, &sqrt_m1);
        mask correct = fe_equal(&check, &u[k]);
        mask flipped = fe_equal(&check, &negated);
        mask flipped_i = fe_equal(&check, &negated_i);
        fe_mul(&rotated, &r[k], &sqrt_m1);
        fe_select(&r[k], mask_or(flipped, flipped_i), &rotated, &r[k]);
        fe_abs(&r[k], &r[k]);
        was_square[k] = mask_or(correct, flipped);
    }
}

#endif
