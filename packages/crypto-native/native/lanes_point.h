// Points of the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 over lanes, and their multiplication by scalars
// (formulas of Hisil, Wong, Carter and Dawson, "Twisted Edwards curves revisited", section 3; complete on this
// curve, so no case is special).
#ifndef HALFROOM_LANES_POINT_H
#define HALFROOM_LANES_POINT_H

#include "scalar.h"

/** Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
typedef struct {
    fe X, Y, Z, T;
} point;

/** A sum or a double before its last products: x = e/f, y = g/h. */
typedef struct {
    fe e, f, g, h;
} completed;

/** What one addition needs of its second operand: Y + X, Y - X, 2 Z, 2 d T. */
typedef struct {
    packed sum, difference, z2, t2d;
} cached;

/** Multiples 1..8 of a point. */
#define TABLE 8

INLINE void to_projective(point *r, const completed *c)
{
    mul_inline(&r->X, &c->e, &c->h);
    mul_inline(&r->Y, &c->f, &c->g);
    mul_inline(&r->Z, &c->f, &c->h);
}

INLINE void to_point(point *r, const completed *c)
{
    to_projective(r, c);
    mul_inline(&r->T, &c->e, &c->g);
}

/** Does not read T. With x = X/Z, y = Y/Z the curve equation gives 1 + d x^2 y^2 = y^2 - x^2, which saves d. */
INLINE void point_double(completed *r, const point *p)
{
    wide xx, yy, zz, square, e, f, g, h;
    fe sum;
    fe_add_lazy(&sum, &p->X, &p->Y);
    wide_sq(&xx, &p->X);
    wide_sq(&yy, &p->Y);
    wide_sq(&zz, &p->Z);
    wide_sq(&square, &sum);
    wide_add(&g, &yy, &xx);
    wide_sub(&e, &g, &square); // -2 X Y
    wide_sub(&f, &xx, &yy);    // -(Y^2 - X^2)
    wide_add(&h, &zz, &zz);
    wide_add(&h, &h, &f);
    fe_narrow(&r->e, &e);
    fe_narrow(&r->f, &f);
    fe_narrow(&r->g, &g);
    fe_narrow(&r->h, &h);
}

INLINE void point_add(completed *r, const point *p, const fe *sum2, const fe *difference2, const fe *z2, const fe *t2d)
{
    wide a, b, c, d, w;
    fe t;
    fe_sub_lazy(&t, &p->Y, &p->X);
    wide_mul(&a, &t, difference2);
    fe_add_lazy(&t, &p->Y, &p->X);
    wide_mul(&b, &t, sum2);
    wide_mul(&c, &p->T, t2d);
    wide_mul(&d, &p->Z, z2);
    wide_sub(&w, &b, &a);
    fe_narrow(&r->e, &w);
    wide_add(&w, &d, &c);
    fe_narrow(&r->f, &w);
    wide_add(&w, &b, &a);
    fe_narrow(&r->g, &w);
    wide_sub(&w, &d, &c);
    fe_narrow(&r->h, &w);
}

static void point_add_points(completed *r, const point *p, const point *q, int subtract)
{
    const fe two_d = constant(TWO_D);
    fe sum, difference, z2, t2d;
    fe_add(&sum, &q->Y, &q->X);
    fe_sub(&difference, &q->Y, &q->X);
    fe_add(&z2, &q->Z, &q->Z);
    fe_mul(&t2d, &q->T, &two_d);
    if (subtract) { // -(x, y) = (-x, y)
        fe_neg(&t2d, &t2d);
        point_add(r, p, &difference, &sum, &z2, &t2d);
    } else {
        point_add(r, p, &sum, &difference, &z2, &t2d);
    }
}

static void to_cached(cached *r, const point *p)
{
    const fe two_d = constant(TWO_D);
    fe t;
    fe_add(&t, &p->Y, &p->X);
    fe_pack(&r->sum, &t);
    fe_sub(&t, &p->Y, &p->X);
    fe_pack(&r->difference, &t);
    fe_add(&t, &p->Z, &p->Z);
    fe_pack(&r->z2, &t);
    fe_mul(&t, &p->T, &two_d);
    fe_pack(&r->t2d, &t);
}

static void multiples_of(point multiples[TABLE], const point *p)
{
    completed c;
    multiples[0] = *p;
    for (int i = 2; i <= TABLE; i++) {
        if (i % 2 == 0) {
            point_double(&c, &multiples[i / 2 - 1]);
        } else {
            point_add_points(&c, &multiples[i - 2], p, 0);
        }
        to_point(&multiples[i - 1], &c);
    }
}

static void make_table(cached table[TABLE], const point *p)
{
    point multiples[TABLE];
    multiples_of(multiples, p);
    for (int i = 0; i < TABLE; i++) to_cached(&table[i], &multiples[i]);
}

/** Adds the digit's multiple. Every entry is read in full, and the masks alone tell which one counts. */
INLINE void add_digit(completed *r, const point *p, const cached table[TABLE], const int8_t digits[LANES])
{
    const fe one = constant(ONE);
    const lane_int digit = lanes_load(digits);
    const lane_int magnitude = lanes_abs(digit);
    const mask negative = lanes_negative(digit);
    fe sum, difference, z2, t2d, first, second, negated;
    cached entry = {0}; // the identity: 1, 1, 2, 0
    fe_pack(&entry.sum, &one);
    fe_pack(&entry.difference, &one);
    fe_add_lazy(&z2, &one, &one);
    fe_pack(&entry.z2, &z2);
    for (int i = 0; i < TABLE; i++) {
        const mask m = lanes_equal(magnitude, i + 1);
        packed_overlay(&entry.sum, m, &table[i].sum);
        packed_overlay(&entry.difference, m, &table[i].difference);
        packed_overlay(&entry.z2, m, &table[i].z2);
        packed_overlay(&entry.t2d, m, &table[i].t2d);
    }
    fe_unpack(&sum, &entry.sum);
    fe_unpack(&difference, &entry.difference);
    fe_unpack(&z2, &entry.z2);
    fe_unpack(&t2d, &entry.t2d);
    fe_select(&first, negative, &difference, &sum);
    fe_select(&second, negative, &sum, &difference);
    fe_neg_lazy(&negated, &t2d);
    fe_select(&t2d, negative, &negated, &t2d);
    point_add(r, p, &first, &second, &z2, &t2d);
}

/**
 * Twice the product of each lane's point and scalar; `digits` are the scalar's signed digits in radix 16, DIGITS x
 * LANES. Twice, because that is what `compress` takes.
 */
static void multiply_doubled(completed *r, const point *p, const int8_t *digits, cached table[TABLE])
{
    completed c;
    point sum = {0};
    make_table(table, p);
    sum.Y = sum.Z = constant(ONE);
    add_digit(&c, &sum, table, digits + (DIGITS - 1) * LANES);
    to_projective(&sum, &c);
    for (int i = DIGITS - 2; i >= 0; i--) {
        for (int j = 0; j < 3; j++) {
            point_double(&c, &sum);
            to_projective(&sum, &c);
        }
        point_double(&c, &sum);
        to_point(&sum, &c);
        add_digit(&c, &sum, table, digits + i * LANES);
        to_projective(&sum, &c);
    }
    point_double(r, &sum);
}

#endif
