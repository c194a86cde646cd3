// What every path offers: the operations of the group on batches, all with the same meaning.
#ifndef HALFROOM_PATH_H
#define HALFROOM_PATH_H

#include <stddef.h>
#include <stdint.h>

/** Operations of the field that tests call by number; see `field_operation` in lanes_batch.h. */
enum field_operation {
    FIELD_MULTIPLY,
    FIELD_SQUARE,
    FIELD_ADD,
    FIELD_SUBTRACT,
    FIELD_NEGATE,
    FIELD_INVERT,
    FIELD_IS_ZERO,
    FIELD_IS_NEGATIVE,
    FIELD_LAZY_PRODUCT,
    FIELD_LAZY_SQUARE,
    FIELD_NEGATED_PRODUCT,
    FIELD_WIDE_SUM,
    FIELD_WIDE_NEGATION,
    FIELD_OPERATIONS,
};

/** Strings to hash: row i is bytes[offsets[i] .. offsets[i + 1]), between the same prefix and suffix for all. */
struct hashed_rows {
    const uint8_t *prefix, *bytes, *suffix;
    size_t prefix_length, suffix_length;
    const uint32_t *offsets;
    size_t count;
};

/**
 * Encodings and scalars are 32 bytes each, packed. `scratch` has `scratch_bytes` bytes, aligned to 64, and holds
 * only zeros when an operation returns. Results are written as far as they got, also if an operation fails.
 */
struct group_path {
    const char *name;
    /** Points worked on at once, and limbs of a field element, least significant first. */
    int lanes;
    int limbs;
    size_t scratch_bytes;

    /** Index of the first encoding that is not canonical, not of the group or the identity; -1 if none is. */
    ptrdiff_t (*first_invalid)(void *scratch, const uint8_t *points, size_t count);

    /** One-way map of count x 64 uniform bytes. */
    void (*map_to_group)(void *scratch, uint8_t *out, const uint8_t *uniform, size_t count);

    /** Sums, or differences if `subtract`; 0 if an operand is not valid or a result the identity. */
    int (*combine)(void *scratch, uint8_t *out, const uint8_t *left, const uint8_t *right, size_t count, int subtract);

    /** Products with scalars of their own, or with the one scalar if `shared`; 0 as for `combine`. */
    int (*multiply)(void *scratch, uint8_t *out, const uint8_t *points, const uint8_t *scalars, size_t count, int shared);

    /** The one-way map and then the product with one scalar, without an encoding in between; 0 if a result is the identity. */
    int (*map_and_multiply)(void *scratch, uint8_t *out, const uint8_t *uniform, const uint8_t *scalar, size_t count);

    /** Products of the generator; 0 if a scalar is zero. */
    int (*multiply_base)(void *scratch, uint8_t *out, const uint8_t *scalars, size_t count);

    /** The one-way map plus each scalar's product with the one point `base`; 0 as for `combine`. */
    int (*map_and_add_multiples)(void *scratch, uint8_t *out, const uint8_t *uniform, const uint8_t *base, const uint8_t *scalars, size_t count);

    /** Points minus such products; 0 as for `combine`. */
    int (*subtract_multiples)(void *scratch, uint8_t *out, const uint8_t *points, const uint8_t *base, const uint8_t *scalars, size_t count);

    /**
     * The sum of all products, whose operands are public; 0 as for `combine`. `memory` has `sum_bytes` bytes, aligned to 64, of
     * any content.
     */
    size_t sum_bytes;
    int (*sum_of_products)(void *scratch, void *memory, uint8_t *out, const uint8_t *points, const uint8_t *scalars, size_t count);

    /** SHA-512 of each row, 64 bytes each. */
    void (*hash_rows)(uint8_t *out, const struct hashed_rows *rows);

    /** For tests: `lanes` results, 32 bytes each, of operands given limb by limb, lane after lane. */
    void (*field)(enum field_operation operation, uint8_t *out, const uint64_t *left, const uint64_t *right);
};

extern const struct group_path path_portable;
#ifdef HALFROOM_AVX
extern const struct group_path path_avx2;
extern const struct group_path path_ifma;
#endif

#endif
