// A whole path over the field that was included before.
#include "lanes_field.h"
#include "lanes_point.h"
#include "lanes_affine.h"
#include "lanes_fixed.h"
#include "lanes_ristretto.h"
#include "lanes_batch.h"
#include "lanes_sum.h"
#include "lanes_sha512.h"
#include "lanes_test.h"

#define DEFINE_PATH(variable, path_name)          \
    const struct group_path variable = {          \
        .name = path_name,                        \
        .lanes = LANES,                           \
        .limbs = LIMBS,                           \
        .scratch_bytes = sizeof(workspace),       \
        .first_invalid = first_invalid,           \
        .map_to_group = map_to_group,             \
        .combine = combine,                       \
        .multiply = multiply,                     \
        .map_and_multiply = map_and_multiply,     \
        .multiply_base = multiply_base,           \
        .map_and_add_multiples = map_and_add_multiples, \
        .subtract_multiples = subtract_multiples, \
        .sum_bytes = sizeof(sum_memory),          \
        .sum_of_products = sum_of_products,       \
        .hash_rows = hash_rows,                   \
        .field = field,                           \
    }
