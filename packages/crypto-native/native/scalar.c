// Arithmetic modulo the group order by Montgomery's method, R = 2^256: `multiply(a, b)` is a b / R mod l. No branch
// and no address depends on a scalar.
#include "scalar.h"
#include "bytes.h"
#include "constants.h"

typedef unsigned __int128 u128;

typedef struct {
    uint64_t w[4];
} scalar;

static const scalar L = {{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}};
/** R and R^2 mod l. */
static const scalar R = {{0xd6ec31748d98951d, 0xc6ef5bf4737dcf70, 0xfffffffffffffffe, 0x0fffffffffffffff}};
static const scalar R2 = {{0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d}};
static const scalar UNIT = {{1, 0, 0, 0}};
/** (l + 1) / 2, the inverse of two. */
static const scalar HALF = {{0x2c09318d2e7ae9f7, 0x0a6f7cef517bce6b, 0, 0x0800000000000000}};
/** -1/l mod 2^64 */
static const uint64_t L_FACTOR = 0xd2b51da312547e1b;

/** a mod l for a < 2 l. */
static void reduce_once(scalar *r, const uint64_t a[4])
{
    uint64_t difference[4];
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) {
        u128 d = (u128)a[i] - L.w[i] - borrow;
        difference[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    uint64_t keep = opaque(0 - borrow);
    for (int i = 0; i < 4; i++) r->w[i] = (a[i] & keep) | (difference[i] & ~keep);
}

/** a b / R mod l, for any a < 2^256 and b < l. */
static void multiply(scalar *r, const scalar *a, const scalar *b)
{
    uint64_t t[6] = {0};
    for (int i = 0; i < 4; i++) {
        u128 carry = 0;
        for (int j = 0; j < 4; j++) {
            carry += (u128)a->w[i] * b->w[j] + t[j];
            t[j] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += t[4];
        t[4] = (uint64_t)carry;
        t[5] = (uint64_t)(carry >> 64);

        uint64_t factor = t[0] * L_FACTOR;
        carry = ((u128)factor * L.w[0] + t[0]) >> 64;
        for (int j = 1; j < 4; j++) {
            carry += (u128)factor * L.w[j] + t[j];
            t[j - 1] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += t[4];
        t[3] = (uint64_t)carry;
        t[4] = t[5] + (uint64_t)(carry >> 64);
    }
    reduce_once(r, t); // below 2 l, so t[4] is zero
    wipe(t, sizeof t);
}

static void add(scalar *r, const scalar *a, const scalar *b)
{
    uint64_t sum[4];
    u128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (u128)a->w[i] + b->w[i];
        sum[i] = (uint64_t)carry;
        carry >>= 64;
    }
    reduce_once(r, sum);
}

static void load(scalar *r, const uint8_t *bytes) { load_words(r->w, bytes); }

static void store(uint8_t *bytes, const scalar *a) { store_words(bytes, a->w); }

void scalars_reduce(uint8_t *out, const uint8_t *uniform, size_t count)
{
    scalar low, high;
    for (size_t i = 0; i < count; i++) {
        load(&low, uniform + i * UNIFORM_BYTES);
        load(&high, uniform + i * UNIFORM_BYTES + 32);
        multiply(&low, &low, &R);
        multiply(&high, &high, &R2);
        add(&low, &low, &high);
        store(out + i * SCALAR_BYTES, &low);
    }
    wipe(&low, sizeof low);
    wipe(&high, sizeof high);
}

void scalars_subtract_products(uint8_t *out, const uint8_t *a, const uint8_t *b, const uint8_t *c, size_t count)
{
    scalar left, right, product;
    for (size_t i = 0; i < count; i++) {
        load(&left, b + i * SCALAR_BYTES);
        load(&right, c + i * SCALAR_BYTES);
        multiply(&left, &left, &R2);
        multiply(&right, &right, &R2);
        multiply(&product, &left, &right); // b c R
        multiply(&product, &product, &UNIT);
        uint64_t negated[4], borrow = 0;
        for (int j = 0; j < 4; j++) { // l - b c, above zero and at most l
            u128 d = (u128)L.w[j] - product.w[j] - borrow;
            negated[j] = (uint64_t)d;
            borrow = (uint64_t)(d >> 64) & 1;
        }
        reduce_once(&product, negated);
        load(&left, a + i * SCALAR_BYTES);
        multiply(&left, &left, &R2);
        multiply(&left, &left, &UNIT);
        add(&left, &left, &product);
        store(out + i * SCALAR_BYTES, &left);
        wipe(negated, sizeof negated);
    }
    wipe(&left, sizeof left);
    wipe(&right, sizeof right);
    wipe(&product, sizeof product);
}

/** Each nibble is in -8..7 once it has lent 16 to the next; the last one takes what it is lent, since l is below 2^253. */
static void put_digits(int8_t *digits, size_t stride, const scalar *s)
{
    int lent = 0;
    for (int i = 0; i < DIGITS; i++) {
        int digit = (int)(s->w[i / 16] >> (4 * (i % 16)) & 15) + lent;
        lent = (digit + 8) >> 4;
        digits[(size_t)i * stride] = (int8_t)(digit - (lent << 4));
    }
}

/** Digits of the scalar times `factor`, which leaves Montgomery form. */
static void put_product(int8_t *digits, size_t stride, const uint8_t *bytes, const scalar *factor)
{
    scalar product;
    load(&product, bytes);
    multiply(&product, &product, &R2);
    multiply(&product, &product, factor);
    put_digits(digits, stride, &product);
    wipe(&product, sizeof product);
}

void scalar_halve_to_digits(int8_t *digits, size_t stride, const uint8_t *bytes)
{
    put_product(digits, stride, bytes, &HALF);
}

void scalar_to_digits(int8_t *digits, size_t stride, const uint8_t *bytes)
{
    put_product(digits, stride, bytes, &UNIT);
}

/** As above with bytes. */
void scalar_to_signed_bytes(int8_t digits[32], const uint8_t *bytes)
{
    scalar reduced;
    load(&reduced, bytes);
    multiply(&reduced, &reduced, &R2);
    multiply(&reduced, &reduced, &UNIT);
    int lent = 0;
    for (int i = 0; i < 32; i++) {
        const int digit = (int)(reduced.w[i / 8] >> (8 * (i % 8)) & 255) + lent;
        lent = (digit + 128) >> 8;
        digits[i] = (int8_t)(digit - (lent << 8));
    }
}
