// A path's operations on batches (path.h): chunks of GROUPS groups of LANES points each, WIDTH groups at a time.
#ifndef HALFROOM_LANES_BATCH_H
#define HALFROOM_LANES_BATCH_H

#include "path.h"

#define GROUPS 128
#define CHUNK (GROUPS * LANES)
/** Points of WIDTH groups. */
#define BLOCK (WIDTH * LANES)

/** All that an operation writes besides its result; the caller's memory, wiped at the end. */
typedef struct {
    union {
        completed products[GROUPS];
        fixed_scratch fixed;
    };
    fe own[GROUPS], before[GROUPS];
    cached table[TABLE];
    fixed_table multiples;
    point left[WIDTH], right[WIDTH];
    completed sums[WIDTH];
    fe encodings[WIDTH];
    int8_t digits[DIGITS * LANES];
    uint8_t bytes[CHUNK * ENCODING_BYTES];
    uint8_t block[BLOCK * UNIFORM_BYTES];
} workspace;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/** The bits of `count` points. */
static unsigned bits_of(size_t count) { return count >= 32 ? 0xffffffffu : (1u << count) - 1; }

/** `count` elements of `size` bytes, filled up with zeros to a block: the input itself if nothing is missing. */
static const uint8_t *whole_block(workspace *w, const uint8_t *bytes, size_t count, size_t size)
{
    if (count == BLOCK) return bytes;
    memset(w->block, 0, sizeof w->block);
    memcpy(w->block, bytes, count * size);
    return w->block;
}

/** The bits of encodings that are not valid among `count`, at most a block. */
static unsigned decode_block(workspace *w, point *points, const uint8_t *bytes, size_t count)
{
    return ~decode(points, whole_block(w, bytes, count, ENCODING_BYTES)) & bits_of(count);
}

static void encode_block(workspace *w, uint8_t *out, const point *points, size_t count)
{
    uint8_t bytes[BLOCK * ENCODING_BYTES];
    encode(w->encodings, points);
    for (int k = 0; k < WIDTH; k++) fe_store(bytes + k * LANES * ENCODING_BYTES, &w->encodings[k]);
    memcpy(out, bytes, count * ENCODING_BYTES);
}

static ptrdiff_t first_invalid(void *scratch, const uint8_t *points, size_t count)
{
    workspace *w = scratch;
    ptrdiff_t found = -1;
    for (size_t i = 0; i < count && found < 0; i += BLOCK) {
        const unsigned bad = decode_block(w, w->left, points + i * ENCODING_BYTES, smaller(BLOCK, count - i));
        if (bad) found = (ptrdiff_t)i + __builtin_ctz(bad);
    }
    wipe(w, sizeof *w);
    return found;
}

static void map_to_group(void *scratch, uint8_t *out, const uint8_t *uniform, size_t count)
{
    workspace *w = scratch;
    for (size_t i = 0; i < count; i += BLOCK) {
        const size_t n = smaller(BLOCK, count - i);
        map_to_points(w->left, whole_block(w, uniform + i * UNIFORM_BYTES, n, UNIFORM_BYTES));
        encode_block(w, out + i * ENCODING_BYTES, w->left, n);
    }
    wipe(w, sizeof *w);
}

static int all_zero(const uint8_t encoding[ENCODING_BYTES])
{
    uint64_t words[4];
    load_words(words, encoding);
    return (words[0] | words[1] | words[2] | words[3]) == 0;
}

static int none_is_identity(const uint8_t *encodings, size_t count)
{
    int found = 0;
    for (size_t i = 0; i < count; i++) found |= all_zero(encodings + i * ENCODING_BYTES);
    return !found;
}

static int combine_block(workspace *w, uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count, int subtract)
{
    if (decode_block(w, w->left, left, count) || decode_block(w, w->right, right, count)) return 0;
    for (int k = 0; k < WIDTH; k++) {
        point_add_points(&w->sums[k], &w->left[k], &w->right[k], subtract);
        to_point(&w->left[k], &w->sums[k]);
    }
    encode_block(w, out, w->left, count);
    return none_is_identity(out, count);
}

static int combine(void *scratch, uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count, int subtract)
{
    int done = 1;
    for (size_t i = 0; i < count && done; i += BLOCK) {
        const size_t at = i * ENCODING_BYTES;
        done = combine_block(scratch, out + at, left + at, right + at, smaller(BLOCK, count - i), subtract);
    }
    wipe(scratch, sizeof(workspace));
    return done;
}

/** Where the points of a multiplication come from. */
enum source { ENCODED, UNIFORM, TABLED };

/** The scalars of a batch; all points have the first one if `shared`. */
typedef struct {
    const uint8_t *bytes;
    int shared;
} scalars;

/** Digits of one scalar in all lanes. */
static void share_digits(workspace *w, const uint8_t *scalar)
{
    int8_t digits[DIGITS];
    scalar_halve_to_digits(digits, 1, scalar);
    for (int i = 0; i < DIGITS; i++) memset(w->digits + i * LANES, digits[i], LANES);
    wipe(digits, sizeof digits);
}

typedef void (*to_digits)(int8_t *digits, size_t stride, const uint8_t *scalar);

/** Digits of one group; lanes without a point get zeros. */
static void own_digits(workspace *w, to_digits put, const uint8_t *bytes, size_t count)
{
    if (count < LANES) memset(w->digits, 0, sizeof w->digits);
    for (size_t i = 0; i < count; i++) put(w->digits + i, LANES, bytes + i * SCALAR_BYTES);
}

/** Fills `left` with a block's points; 0 if one is not valid. */
static int read_block(workspace *w, enum source source, const uint8_t *input, size_t count)
{
    if (source == ENCODED) return decode_block(w, w->left, input, count) == 0;
    if (source == UNIFORM) map_to_points(w->left, whole_block(w, input, count, UNIFORM_BYTES));
    return 1;
}

static int multiply_chunk(workspace *w, uint8_t *out, enum source source, const uint8_t *input, scalars factors, size_t count)
{
    const size_t input_bytes = source == UNIFORM ? UNIFORM_BYTES : source == ENCODED ? ENCODING_BYTES : 0;
    const size_t groups = (count + LANES - 1) / LANES;
    for (size_t g = 0; g < groups; g++) {
        const size_t first = g * LANES;
        if (g % WIDTH == 0 && !read_block(w, source, input + first * input_bytes, smaller(BLOCK, count - first))) return 0;
        if (!factors.shared) own_digits(w, scalar_halve_to_digits, factors.bytes + first * SCALAR_BYTES, smaller(LANES, count - first));
        if (source == TABLED) {
            multiply_fixed(&w->left[0], &w->multiples, w->digits);
            point_double(&w->products[g], &w->left[0]);
        } else {
            multiply_doubled(&w->products[g], &w->left[g % WIDTH], w->digits, w->table);
        }
    }
    const unsigned identities = compress(w->bytes, w->products, w->own, w->before, groups);
    memcpy(out, w->bytes, count * ENCODING_BYTES);
    return (identities & (bits_of(count - (groups - 1) * LANES) | 1u << LANES)) == 0;
}

static int multiply_all_points(workspace *w, uint8_t *out, enum source source, const uint8_t *input, scalars factors, size_t count)
{
    const size_t input_bytes = source == UNIFORM ? UNIFORM_BYTES : source == ENCODED ? ENCODING_BYTES : 0;
    int done = 1;
    if (factors.shared) share_digits(w, factors.bytes);
    for (size_t i = 0; i < count && done; i += CHUNK) {
        const scalars own = {factors.shared ? factors.bytes : factors.bytes + i * SCALAR_BYTES, factors.shared};
        done = multiply_chunk(w, out + i * ENCODING_BYTES, source, input + i * input_bytes, own, smaller(CHUNK, count - i));
    }
    wipe(w, sizeof *w);
    return done;
}

static int multiply(void *scratch, uint8_t *out, const uint8_t *points, const uint8_t *scalar_bytes, size_t count, int shared)
{
    return multiply_all_points(scratch, out, ENCODED, points, (scalars){scalar_bytes, shared}, count);
}

static int map_and_multiply(void *scratch, uint8_t *out, const uint8_t *uniform, const uint8_t *scalar, size_t count)
{
    return multiply_all_points(scratch, out, UNIFORM, uniform, (scalars){scalar, 1}, count);
}

/** Makes the table of a point; 0 if it is not valid. */
static int load_fixed(workspace *w, const uint8_t base[ENCODING_BYTES])
{
    uint8_t copies[BLOCK * ENCODING_BYTES];
    for (int i = 0; i < BLOCK; i++) memcpy(copies + i * ENCODING_BYTES, base, ENCODING_BYTES);
    if (decode_block(w, w->left, copies, BLOCK)) return 0;
    make_fixed_table(&w->multiples, &w->fixed, &w->left[0]);
    return 1;
}

static int multiply_base(void *scratch, uint8_t *out, const uint8_t *scalar_bytes, size_t count)
{
    load_fixed(scratch, GENERATOR);
    return multiply_all_points(scratch, out, TABLED, NULL, (scalars){scalar_bytes, 0}, count);
}

/** Of at most a block: points plus, or minus, each lane's multiple of the table's point. */
static int combine_multiples(workspace *w, uint8_t *out, const uint8_t *scalar_bytes, size_t count, int subtract)
{
    for (size_t k = 0; k * LANES < count; k++) {
        own_digits(w, scalar_to_digits, scalar_bytes + k * LANES * SCALAR_BYTES, smaller(LANES, count - k * LANES));
        multiply_fixed(&w->right[k], &w->multiples, w->digits);
        point_add_points(&w->sums[k], &w->left[k], &w->right[k], subtract);
        to_point(&w->left[k], &w->sums[k]);
    }
    encode_block(w, out, w->left, count);
    return none_is_identity(out, count);
}

static int combine_all_multiples(workspace *w, uint8_t *out, enum source source, const uint8_t *input, const uint8_t *base, const uint8_t *scalar_bytes, size_t count)
{
    const size_t input_bytes = source == UNIFORM ? UNIFORM_BYTES : ENCODING_BYTES;
    int done = load_fixed(w, base);
    for (size_t i = 0; i < count && done; i += BLOCK) {
        const size_t n = smaller(BLOCK, count - i);
        done = read_block(w, source, input + i * input_bytes, n) &&
               combine_multiples(w, out + i * ENCODING_BYTES, scalar_bytes + i * SCALAR_BYTES, n, source == ENCODED);
    }
    wipe(w, sizeof *w);
    return done;
}

static int map_and_add_multiples(void *scratch, uint8_t *out, const uint8_t *uniform, const uint8_t *base, const uint8_t *scalar_bytes, size_t count)
{
    return combine_all_multiples(scratch, out, UNIFORM, uniform, base, scalar_bytes, count);
}

static int subtract_multiples(void *scratch, uint8_t *out, const uint8_t *points, const uint8_t *base, const uint8_t *scalar_bytes, size_t count)
{
    return combine_all_multiples(scratch, out, ENCODED, points, base, scalar_bytes, count);
}

#endif
