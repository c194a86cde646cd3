// Products of one point, which all lanes share, with a scalar for each lane, by a table of the point's multiples
// (Bernstein, Duif, Lange, Schwabe and Yang, "High-speed high-security signatures", section 4). With signed digits d_i
// in radix 16,
//
//     s B = 16 (sum of d_i 256^(i / 2) B over odd i) + (sum of the same over even i)
//
// takes the multiples 1..8 of 256^j B, an addition for each digit, and four doublings where any other point takes 252.
#ifndef HALFROOM_LANES_FIXED_H
#define HALFROOM_LANES_FIXED_H

#define FIXED_POINTS (DIGITS / 2)

/** The point is public, and so is the table. */
typedef struct {
    uint64_t multiples[FIXED_POINTS][TABLE][OPERAND_WORDS];
} fixed_table;

/** Points whose multiples are brought to Z = 1 together. */
#define FIXED_AT_ONCE 8

/** What making a table takes besides. */
typedef struct {
    point multiples[FIXED_AT_ONCE * TABLE];
    fe before[FIXED_AT_ONCE * TABLE];
} fixed_scratch;

_Static_assert(FIXED_POINTS % FIXED_AT_ONCE == 0, "a table is made in whole parts");

/** Stores `count` points, the same in every lane, one after the other; by Montgomery's trick with one inversion. */
static void put_affine(uint64_t *operands, point *points, fe *before, int count)
{
    const uint64_t at[LANES] = {0};
    fe product = constant(ONE), inverse;
    for (int i = 0; i < count; i++) {
        before[i] = product;
        fe_mul(&product, &product, &points[i].Z);
    }
    fe_invert(&product, &product);
    for (int i = count; i-- > 0;) {
        fe_mul(&inverse, &product, &before[i]);
        fe_mul(&product, &product, &points[i].Z);
        fe_mul(&points[i].X, &points[i].X, &inverse);
        fe_mul(&points[i].Y, &points[i].Y, &inverse);
        fe_mul(&points[i].T, &points[i].X, &points[i].Y);
        put_operand(operands + i * OPERAND_WORDS, at, &points[i]);
    }
}

/** `base` is the same point in every lane. */
static void make_fixed_table(fixed_table *t, fixed_scratch *scratch, const point *base)
{
    completed c;
    point next = *base;
    for (int first = 0; first < FIXED_POINTS; first += FIXED_AT_ONCE) {
        for (int i = 0; i < FIXED_AT_ONCE; i++) {
            multiples_of(scratch->multiples + i * TABLE, &next);
            for (int bit = 0; bit < 8; bit++) {
                point_double(&c, &next);
                to_point(&next, &c);
            }
        }
        put_affine(t->multiples[first][0], scratch->multiples, scratch->before, FIXED_AT_ONCE * TABLE);
    }
}

/** Adds the digit's multiple. Every entry is read in full, and the masks alone tell which one counts. */
INLINE void add_fixed_digit(point *p, const uint64_t multiples[TABLE][OPERAND_WORDS], const int8_t digits[LANES])
{
    const fe one = constant(ONE);
    const lane_int digit = lanes_load(digits);
    const lane_int magnitude = lanes_abs(digit);
    const mask negative = lanes_negative(digit);
    packed operand[3] = {0}, entry; // the identity: 1, 1, 0
    fe sum, difference, t2d, first, second, negated;
    completed c;
    fe_pack(&operand[0], &one);
    fe_pack(&operand[1], &one);
    for (int i = 0; i < TABLE; i++) {
        const mask m = lanes_equal(magnitude, i + 1);
        for (int part = 0; part < 3; part++) {
            packed_broadcast(&entry, multiples[i] + part * FIELD_WORDS);
            packed_overlay(&operand[part], m, &entry);
        }
    }
    fe_unpack(&sum, &operand[0]);
    fe_unpack(&difference, &operand[1]);
    fe_unpack(&t2d, &operand[2]);
    fe_select(&first, negative, &difference, &sum);
    fe_select(&second, negative, &sum, &difference);
    fe_neg_lazy(&negated, &t2d);
    fe_select(&t2d, negative, &negated, &t2d);
    point_add_affine(&c, p, &first, &second, &t2d);
    to_point(p, &c);
}

/** The product of each lane's scalar, by its digits, DIGITS x LANES, with the table's point. */
static void multiply_fixed(point *r, const fixed_table *t, const int8_t *digits)
{
    completed c;
    *r = identity_point();
    for (int i = 1; i < DIGITS; i += 2) add_fixed_digit(r, t->multiples[i / 2], digits + i * LANES);
    for (int bit = 0; bit < 4; bit++) {
        point_double(&c, r);
        to_point(r, &c);
    }
    for (int i = 0; i < DIGITS; i += 2) add_fixed_digit(r, t->multiples[i / 2], digits + i * LANES);
}

#endif
