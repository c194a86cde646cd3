// Points with Z = 1 as second operands of additions, and how they lie in memory outside of the lanes.
#ifndef HALFROOM_LANES_AFFINE_H
#define HALFROOM_LANES_AFFINE_H

/** Words of a field element in one lane, in memory. */
#define FIELD_WORDS 5
/** A point with Z = 1 as the second operand of an addition: Y + X, Y - X, 2 d T. */
#define OPERAND_WORDS (3 * FIELD_WORDS)

static void put_element(uint64_t *base, const uint64_t at[LANES], const fe *a)
{
    packed p;
    fe_pack(&p, a);
    packed_scatter(base, at, &p);
}

INLINE void get_element(fe *r, const uint64_t *base, const uint64_t at[LANES])
{
    packed p;
    packed_gather(&p, base, at);
    fe_unpack(r, &p);
}

/** Stores points with Z = 1, each lane's at base[at[lane]]. */
static void put_operand(uint64_t *base, const uint64_t at[LANES], const point *p)
{
    const fe two_d = constant(TWO_D);
    fe sum, difference, t2d;
    fe_add(&sum, &p->Y, &p->X);
    fe_sub(&difference, &p->Y, &p->X);
    fe_mul(&t2d, &p->T, &two_d);
    put_element(base, at, &sum);
    put_element(base + FIELD_WORDS, at, &difference);
    put_element(base + 2 * FIELD_WORDS, at, &t2d);
}

static point identity_point(void)
{
    point p = {0};
    p.Y = p.Z = constant(ONE);
    return p;
}

/** Adds a point with Z = 1: one product less than `point_add`. */
INLINE void point_add_affine(completed *r, const point *p, const fe *sum2, const fe *difference2, const fe *t2d)
{
    wide a, b, c, d, w;
    fe t;
    fe_sub_lazy(&t, &p->Y, &p->X);
    wide_mul(&a, &t, difference2);
    fe_add_lazy(&t, &p->Y, &p->X);
    wide_mul(&b, &t, sum2);
    wide_mul(&c, &p->T, t2d);
    wide_add(&d, &p->Z, &p->Z);
    wide_sub(&w, &b, &a);
    fe_narrow(&r->e, &w);
    wide_add(&w, &d, &c);
    fe_narrow(&r->f, &w);
    wide_add(&w, &b, &a);
    fe_narrow(&r->g, &w);
    wide_sub(&w, &d, &c);
    fe_narrow(&r->h, &w);
}

#endif
