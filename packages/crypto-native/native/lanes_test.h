// The field as tests see it: one operation on operands given limb by limb, so that a test reaches the bounds that
// the comments of a field promise.
#ifndef HALFROOM_LANES_TEST_H
#define HALFROOM_LANES_TEST_H

/** Every lane's truth as 1 or 0. */
static void select_one(fe *r, mask m)
{
    const fe zero = {0}, one = constant(ONE);
    fe_select(r, m, &one, &zero);
}

/** 2 a^2 + (b^2 - a b), carried once: the largest sum that point_double makes. */
static void wide_sum(fe *r, const fe *a, const fe *b)
{
    wide aa, bb, ab;
    wide_sq(&aa, a);
    wide_sq(&bb, b);
    wide_mul(&ab, a, b);
    wide_sub(&bb, &bb, &ab);
    wide_add(&aa, &aa, &aa);
    wide_add(&aa, &aa, &bb);
    fe_narrow(r, &aa);
}

/** 0 - (a + b)^2: the largest product that is ever subtracted, from the smallest. */
static void wide_negation(fe *r, const fe *a, const fe *b)
{
    const wide zero = {0};
    wide square;
    fe sum;
    fe_add_lazy(&sum, a, b);
    wide_sq(&square, &sum);
    wide_sub(&square, &zero, &square);
    fe_narrow(r, &square);
}

static void apply(enum field_operation operation, fe *r, const fe *a, const fe *b)
{
    fe t;
    switch (operation) {
    case FIELD_MULTIPLY: fe_mul(r, a, b); break;
    case FIELD_SQUARE: fe_sq(r, a); break;
    case FIELD_ADD: fe_add(r, a, b); break;
    case FIELD_SUBTRACT: fe_sub(r, a, b); break;
    case FIELD_NEGATE: fe_neg(r, a); break;
    case FIELD_INVERT: fe_invert(r, a); break;
    case FIELD_IS_ZERO: select_one(r, fe_is_zero(a)); break;
    case FIELD_IS_NEGATIVE: select_one(r, fe_is_negative(a)); break;
    case FIELD_LAZY_PRODUCT: // (a - b) b
        fe_sub_lazy(&t, a, b);
        fe_mul(r, &t, b);
        break;
    case FIELD_LAZY_SQUARE: // (a + b)^2
        fe_add_lazy(&t, a, b);
        fe_sq(r, &t);
        break;
    case FIELD_NEGATED_PRODUCT: // -(a b)
        fe_neg_lazy(&t, b);
        fe_mul(r, a, &t);
        break;
    case FIELD_WIDE_SUM: wide_sum(r, a, b); break;
    case FIELD_WIDE_NEGATION: wide_negation(r, a, b); break;
    default: break;
    }
}

static void field(enum field_operation operation, uint8_t *out, const uint64_t *left, const uint64_t *right)
{
    fe a, b, r = {0};
    fe_from_limbs(&a, left);
    fe_from_limbs(&b, right);
    apply(operation, &r, &a, &b);
    fe_store(out, &r);
}

#endif
