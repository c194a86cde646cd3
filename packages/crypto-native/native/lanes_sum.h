// One point: the sum of many points, each multiplied by its own scalar. Pippenger's method (SIAM Journal on Computing 9, 1980;
// Bernstein, Doumen, Lange and Oosterwijk, "Faster batch forgery identification", section 4): a scalar has WINDOWS signed digits
// of 8 bits; in each window a point goes into the bucket of its digit, and sums over the buckets weigh them. The lanes work on
// LANES windows at a time, each with buckets of its own.
//
// Points and scalars are public here: branches, addresses and time depend on them.
#ifndef HALFROOM_LANES_SUM_H
#define HALFROOM_LANES_SUM_H

#define WINDOWS SCALAR_BYTES
#define WINDOW_BITS 8
/** For magnitudes 0..128; nobody reads bucket 0. */
#define BUCKETS 129
/** Words of a point in one lane, in memory. */
#define POINT_WORDS (4 * FIELD_WORDS)
/** Points that are decoded before they go into the buckets. */
#define SUM_CHUNK 512

/** The memory of one sum. Nothing in it is secret. */
typedef struct {
    uint64_t buckets[WINDOWS][BUCKETS][POINT_WORDS];
    uint64_t operands[SUM_CHUNK][OPERAND_WORDS];
    int8_t digits[SUM_CHUNK][WINDOWS];
} sum_memory;

INLINE void put_point(uint64_t *base, const uint64_t at[LANES], const point *p)
{
    put_element(base, at, &p->X);
    put_element(base + FIELD_WORDS, at, &p->Y);
    put_element(base + 2 * FIELD_WORDS, at, &p->Z);
    put_element(base + 3 * FIELD_WORDS, at, &p->T);
}

INLINE void get_point(point *r, const uint64_t *base, const uint64_t at[LANES])
{
    get_element(&r->X, base, at);
    get_element(&r->Y, base + FIELD_WORDS, at);
    get_element(&r->Z, base + 2 * FIELD_WORDS, at);
    get_element(&r->T, base + 3 * FIELD_WORDS, at);
}

_Static_assert(SUM_CHUNK % BLOCK == 0, "a chunk is whole blocks");

/** Stores the operands of a block of decoded points, the first of which has the number `first` in its chunk. */
static void put_operands(sum_memory *m, size_t first, const point points[WIDTH])
{
    for (int k = 0; k < WIDTH; k++) {
        uint64_t at[LANES];
        for (size_t lane = 0; lane < LANES; lane++) at[lane] = (first + (size_t)k * LANES + lane) * OPERAND_WORDS;
        put_operand(m->operands[0], at, &points[k]);
    }
}

/** Adds the operand to one bucket in each lane, or subtracts it, as the digit of the lane's window says. */
INLINE void add_to_buckets(uint64_t *buckets, const uint64_t *operand, const int8_t digits[LANES])
{
    uint64_t at[LANES];
    completed c;
    point p;
    packed broadcast;
    fe sum, difference, t2d, first, second, negated;
    const mask negative = lanes_negative(lanes_load(digits));
    for (size_t lane = 0; lane < LANES; lane++) {
        const int magnitude = digits[lane] < 0 ? -digits[lane] : digits[lane];
        at[lane] = (lane * BUCKETS + (size_t)magnitude) * POINT_WORDS;
    }
    packed_broadcast(&broadcast, operand);
    fe_unpack(&sum, &broadcast);
    packed_broadcast(&broadcast, operand + FIELD_WORDS);
    fe_unpack(&difference, &broadcast);
    packed_broadcast(&broadcast, operand + 2 * FIELD_WORDS);
    fe_unpack(&t2d, &broadcast);
    fe_select(&first, negative, &difference, &sum);
    fe_select(&second, negative, &sum, &difference);
    fe_neg_lazy(&negated, &t2d);
    fe_select(&t2d, negative, &negated, &t2d);
    get_point(&p, buckets, at);
    point_add_affine(&c, &p, &first, &second, &t2d);
    to_point(&p, &c);
    put_point(buckets, at, &p);
}

/** Places of bucket `magnitude` of each lane. */
static void bucket_places(uint64_t at[LANES], size_t magnitude)
{
    for (size_t lane = 0; lane < LANES; lane++) at[lane] = (lane * BUCKETS + magnitude) * POINT_WORDS;
}

static void empty_buckets(uint64_t *buckets)
{
    const point identity = identity_point();
    for (size_t magnitude = 0; magnitude < BUCKETS; magnitude++) {
        uint64_t at[LANES];
        bucket_places(at, magnitude);
        put_point(buckets, at, &identity);
    }
}

/** Bucket 0 of each lane becomes the sum of the lane's others, each times its number. */
static void weigh_buckets(uint64_t *buckets)
{
    point running = identity_point(), total = identity_point(), bucket;
    completed c;
    uint64_t at[LANES];
    for (size_t magnitude = BUCKETS - 1; magnitude > 0; magnitude--) {
        bucket_places(at, magnitude);
        get_point(&bucket, buckets, at);
        point_add_points(&c, &running, &bucket, 0);
        to_point(&running, &c);
        point_add_points(&c, &total, &running, 0);
        to_point(&total, &c);
    }
    bucket_places(at, 0);
    put_point(buckets, at, &total);
}

/** The sum of all windows, each times 2^(8 x its number), in every lane. */
static void join_windows(point *r, const sum_memory *m)
{
    const uint64_t at[LANES] = {0};
    completed c;
    point window;
    *r = identity_point();
    for (size_t number = WINDOWS; number-- > 0;) {
        for (int bit = 0; bit < WINDOW_BITS; bit++) {
            point_double(&c, r);
            to_point(r, &c);
        }
        get_point(&window, m->buckets[number][0], at);
        point_add_points(&c, r, &window, 0);
        to_point(r, &c);
    }
}

/** Decodes up to SUM_CHUNK points and adds them to the buckets; 0 if one is not valid. */
static int sum_chunk(workspace *w, sum_memory *m, const uint8_t *points, const uint8_t *scalar_bytes, size_t count)
{
    for (size_t i = 0; i < count; i += BLOCK) {
        const size_t n = smaller(BLOCK, count - i);
        if (decode_block(w, w->left, points + i * ENCODING_BYTES, n)) return 0;
        put_operands(m, i, w->left);
    }
    for (size_t i = 0; i < count; i++) scalar_to_signed_bytes(m->digits[i], scalar_bytes + i * SCALAR_BYTES);
    for (size_t window = 0; window < WINDOWS; window += LANES) {
        for (size_t i = 0; i < count; i++) add_to_buckets(m->buckets[window][0], m->operands[i], m->digits[i] + window);
    }
    return 1;
}

static int sum_of_products(void *scratch, void *memory, uint8_t *out, const uint8_t *points, const uint8_t *scalar_bytes, size_t count)
{
    workspace *w = scratch;
    sum_memory *m = memory;
    int done = 1;
    for (size_t window = 0; window < WINDOWS; window += LANES) empty_buckets(m->buckets[window][0]);
    for (size_t i = 0; i < count && done; i += SUM_CHUNK) {
        done = sum_chunk(w, m, points + i * ENCODING_BYTES, scalar_bytes + i * SCALAR_BYTES, smaller(SUM_CHUNK, count - i));
    }
    if (done) {
        for (size_t window = 0; window < WINDOWS; window += LANES) weigh_buckets(m->buckets[window][0]);
        join_windows(&w->left[0], m);
        for (int k = 1; k < WIDTH; k++) w->left[k] = w->left[0];
        encode_block(w, out, w->left, 1);
        done = none_is_identity(out, 1);
    }
    wipe(w, sizeof *w);
    return done;
}

#endif
