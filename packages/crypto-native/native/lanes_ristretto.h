// ristretto255 over lanes: RFC 9496, section 4.3. Functions work on WIDTH groups of LANES points.
#ifndef HALFROOM_LANES_RISTRETTO_H
#define HALFROOM_LANES_RISTRETTO_H

/** Below p, even, and not the identity, which is zero. */
static unsigned is_canonical(const uint8_t bytes[ENCODING_BYTES])
{
    uint64_t w[4];
    load_words(w, bytes);
    uint64_t at_least_p = (w[1] & w[2]) == UINT64_MAX && (w[3] << 1) == UINT64_MAX - 1 && w[0] >= UINT64_MAX - 18;
    return !(at_least_p | w[3] >> 63 | (w[0] & 1)) & ((w[0] | w[1] | w[2] | w[3]) != 0);
}

/** One bit for each of WIDTH x LANES encodings, the first one lowest. */
static unsigned canonical_bits(const uint8_t *bytes)
{
    unsigned bits = 0;
    for (int i = 0; i < WIDTH * LANES; i++) bits |= is_canonical(bytes + i * ENCODING_BYTES) << i;
    return bits;
}

/** Section 4.3.1; the points get Z = 1. Returns a bit for each encoding that is a point other than the identity. */
static unsigned decode(point p[WIDTH], const uint8_t *bytes)
{
    const fe one = constant(ONE), d = constant(D);
    fe s[WIDTH], u1[WIDTH], u2[WIDTH], v[WIDTH], ratio[WIDTH], root[WIDTH], ones[WIDTH];
    mask was_square[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
        fe ss, u1_sq, u2_sq;
        fe_load(&s[k], bytes + k * LANES * ENCODING_BYTES);
        fe_sq(&ss, &s[k]);
        fe_sub(&u1[k], &one, &ss);
        fe_add(&u2[k], &one, &ss);
        fe_sq(&u1_sq, &u1[k]);
        fe_sq(&u2_sq, &u2[k]);
        fe_mul(&v[k], &u1_sq, &d);
        fe_add(&v[k], &v[k], &u2_sq);
        fe_neg(&v[k], &v[k]);
        fe_mul(&ratio[k], &v[k], &u2_sq);
        ones[k] = one;
    }
    sqrt_ratio_m1(root, was_square, ones, ratio);

    unsigned valid = canonical_bits(bytes);
    for (int k = 0; k < WIDTH; k++) {
        fe den_x, den_y;
        fe_mul(&den_x, &root[k], &u2[k]);
        fe_mul(&den_y, &root[k], &den_x);
        fe_mul(&den_y, &den_y, &v[k]);
        fe_mul(&p[k].X, &s[k], &den_x);
        fe_add(&p[k].X, &p[k].X, &p[k].X);
        fe_abs(&p[k].X, &p[k].X);
        fe_mul(&p[k].Y, &u1[k], &den_y);
        fe_mul(&p[k].T, &p[k].X, &p[k].Y);
        p[k].Z = one;
        const unsigned refused =
            ~mask_bits(was_square[k]) | mask_bits(fe_is_negative(&p[k].T)) | mask_bits(fe_is_zero(&p[k].Y));
        valid &= ~((refused & ((1u << LANES) - 1)) << (k * LANES));
    }
    return valid;
}

/** Section 4.3.2 up to the encoding as bytes: s, zero for the identity. */
static void encode(fe s[WIDTH], const point p[WIDTH])
{
    const fe one = constant(ONE), sqrt_m1 = constant(SQRT_M1), magic = constant(INVSQRT_A_MINUS_D);
    fe u1[WIDTH], u2[WIDTH], v[WIDTH], ones[WIDTH], root[WIDTH];
    mask was_square[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
        fe plus, minus;
        fe_add(&plus, &p[k].Z, &p[k].Y);
        fe_sub(&minus, &p[k].Z, &p[k].Y);
        fe_mul(&u1[k], &plus, &minus);
        fe_mul(&u2[k], &p[k].X, &p[k].Y);
        fe_sq(&v[k], &u2[k]);
        fe_mul(&v[k], &v[k], &u1[k]);
        ones[k] = one;
    }
    sqrt_ratio_m1(root, was_square, ones, v);
    for (int k = 0; k < WIDTH; k++) {
        fe den1, den2, z_inv, ix, iy, enchanted, x, y, den_inv, t;
        fe_mul(&den1, &root[k], &u1[k]);
        fe_mul(&den2, &root[k], &u2[k]);
        fe_mul(&z_inv, &den1, &den2);
        fe_mul(&z_inv, &z_inv, &p[k].T);
        fe_mul(&ix, &p[k].X, &sqrt_m1);
        fe_mul(&iy, &p[k].Y, &sqrt_m1);
        fe_mul(&enchanted, &den1, &magic);
        fe_mul(&t, &p[k].T, &z_inv);
        const mask rotate = fe_is_negative(&t);
        fe_select(&x, rotate, &iy, &p[k].X);
        fe_select(&y, rotate, &ix, &p[k].Y);
        fe_select(&den_inv, rotate, &enchanted, &den2);
        fe_mul(&t, &x, &z_inv);
        fe_neg(&ix, &y);
        fe_select(&y, fe_is_negative(&t), &ix, &y);
        fe_sub(&t, &p[k].Z, &y);
        fe_mul(&t, &t, &den_inv);
        fe_abs(&s[k], &t);
    }
}

/** MAP of section 4.3.4; the result is still to be completed. */
static void map_to_curve(completed r[WIDTH], const fe t[WIDTH])
{
    const fe zero = {0}, one = constant(ONE), d = constant(D), sqrt_m1 = constant(SQRT_M1);
    const fe one_minus_d_sq = constant(ONE_MINUS_D_SQ), d_minus_one_sq = constant(D_MINUS_ONE_SQ);
    const fe sqrt_ad_minus_one = constant(SQRT_AD_MINUS_ONE);
    fe rr[WIDTH], u[WIDTH], v[WIDTH], root[WIDTH], minus_one;
    mask was_square[WIDTH];
    fe_sub(&minus_one, &zero, &one);
    for (int k = 0; k < WIDTH; k++) {
        fe a;
        fe_sq(&rr[k], &t[k]);
        fe_mul(&rr[k], &rr[k], &sqrt_m1);
        fe_add(&a, &rr[k], &one);
        fe_mul(&u[k], &a, &one_minus_d_sq);
        fe_mul(&a, &rr[k], &d);
        fe_sub(&v[k], &minus_one, &a);
        fe_add(&a, &rr[k], &d);
        fe_mul(&v[k], &v[k], &a);
    }
    sqrt_ratio_m1(root, was_square, u, v);
    for (int k = 0; k < WIDTH; k++) {
        fe s, other, c, n, ss;
        fe_mul(&other, &root[k], &t[k]);
        fe_abs(&other, &other);
        fe_neg(&other, &other);
        fe_select(&s, was_square[k], &root[k], &other);
        fe_select(&c, was_square[k], &minus_one, &rr[k]);
        fe_sub(&n, &rr[k], &one);
        fe_mul(&n, &n, &c);
        fe_mul(&n, &n, &d_minus_one_sq);
        fe_sub(&n, &n, &v[k]);
        fe_mul(&r[k].e, &s, &v[k]);
        fe_add(&r[k].e, &r[k].e, &r[k].e);
        fe_mul(&r[k].f, &n, &sqrt_ad_minus_one);
        fe_sq(&ss, &s);
        fe_sub(&r[k].g, &one, &ss);
        fe_add(&r[k].h, &one, &ss);
    }
}

/** The one-way map: `uniform` holds WIDTH x LANES strings of 64 bytes. */
static void map_to_points(point p[WIDTH], const uint8_t *uniform)
{
    uint8_t half[WIDTH * LANES * ENCODING_BYTES];
    fe t[WIDTH];
    completed c[WIDTH];
    point terms[2][WIDTH];
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < WIDTH * LANES; i++) {
            memcpy(half + i * ENCODING_BYTES, uniform + i * UNIFORM_BYTES + side * ENCODING_BYTES, ENCODING_BYTES);
        }
        for (int k = 0; k < WIDTH; k++) fe_load(&t[k], half + k * LANES * ENCODING_BYTES);
        map_to_curve(c, t);
        for (int k = 0; k < WIDTH; k++) to_point(&terms[side][k], &c[k]);
    }
    for (int k = 0; k < WIDTH; k++) {
        point_add_points(&c[k], &terms[0][k], &terms[1][k], 0);
        to_point(&p[k], &c[k]);
    }
    wipe(half, sizeof half);
}

/**
 * Encodings of doubled points without a square root. Section 4.3.2 needs 1 / sqrt(u1 u2^2) with u1 = Z^2 - Y^2 and
 * u2 = X Y. Let the point be 2P: X = e h, Y = f g, Z = f h, T = e g, where e, f, g, h come from doubling P. From
 * P's curve equation follow f^2 + e^2 = g^2 and h^2 = f^2 - d e^2, so h^2 - g^2 = (a - d) e^2 with a = -1, thus
 *
 *     u1 = f^2 (h^2 - g^2) = (a - d) e^2 f^2      u2 = e f g h
 *     1 / sqrt(u1 u2^2) = 1 / (sqrt(a - d) e f e f g h)      up to its sign, which nothing depends on.
 *
 * Put into the RFC's steps this gives, with M = 1 / sqrt(a - d) and i = sqrt(-1):
 *
 *     rotate = e g / (f h) is negative
 *     not rotated:  s = |(h -+ g) M / e|      + if e / f is negative
 *     rotated:      s = |(f -+ i e) / g|      + if i g / h is negative
 *
 * All that is left to invert is e f g h, and one inversion serves many points.
 */
static void encode_doubled(fe *s, const completed *c, const fe *inverse_efgh)
{
    const fe magic = constant(INVSQRT_A_MINUS_D), sqrt_m1 = constant(SQRT_M1);
    fe eg, fh, inverse_eg, inverse_fh, t, ie, ig, from, to, factor, side, negated;
    fe_mul(&eg, &c->e, &c->g);
    fe_mul(&fh, &c->f, &c->h);
    fe_mul(&inverse_eg, &fh, inverse_efgh);
    fe_mul(&inverse_fh, &eg, inverse_efgh);
    fe_mul(&t, &eg, &inverse_fh);
    const mask rotate = fe_is_negative(&t);

    fe_mul(&ie, &c->e, &sqrt_m1);
    fe_mul(&ig, &c->g, &sqrt_m1);
    // e / f = e h / (f h), i g / h = f i g / (f h)
    fe_select(&from, rotate, &c->f, &c->h);
    fe_select(&side, rotate, &ig, &c->e);
    fe_mul(&t, &from, &side);
    fe_mul(&t, &t, &inverse_fh);
    const mask negative = fe_is_negative(&t);
    fe_select(&to, rotate, &ie, &c->g);
    fe_neg(&negated, &to);
    fe_select(&to, negative, &negated, &to);
    // 1 / e = g / (e g), 1 / g = e / (e g)
    fe_mul(&factor, &c->g, &magic);
    fe_select(&factor, rotate, &c->e, &factor);
    fe_sub(&t, &from, &to);
    fe_mul(&t, &t, &factor);
    fe_mul(&t, &t, &inverse_eg);
    fe_abs(s, &t);
}

/** e f g h of each point; zero, which is the identity's, becomes one. Returns the bits of the lanes with zero. */
static unsigned invertible_product(fe *r, const completed *c)
{
    const fe one = constant(ONE);
    fe eg, fh;
    fe_mul(&eg, &c->e, &c->g);
    fe_mul(&fh, &c->f, &c->h);
    fe_mul(r, &eg, &fh);
    const mask zero = fe_is_zero(r);
    fe_select(r, zero, &one, r);
    return mask_bits(zero);
}

/**
 * Encodes `groups` groups of doubled points into `out`, LANES x 32 bytes a group, by Montgomery's trick; `own` and
 * `before` are scratch for each group's product and for that of all groups before it. Bit i of the result is set if
 * lane i of the last group, or bit LANES if any lane of another group, holds the identity; its encoding is of no use.
 */
static unsigned compress(uint8_t *out, const completed *c, fe *own, fe *before, size_t groups)
{
    fe product = constant(ONE), inverse, s;
    unsigned identities = 0;
    for (size_t i = 0; i < groups; i++) {
        before[i] = product;
        const unsigned zeros = invertible_product(&own[i], &c[i]);
        identities |= i + 1 == groups ? zeros : (unsigned)(zeros != 0) << LANES;
        fe_mul(&product, &product, &own[i]);
    }
    fe_invert(&product, &product);
    for (size_t i = groups; i-- > 0;) {
        fe_mul(&inverse, &product, &before[i]);
        fe_mul(&product, &product, &own[i]);
        encode_doubled(&s, &c[i], &inverse);
        fe_store(out + i * LANES * ENCODING_BYTES, &s);
    }
    return identities;
}

#endif
