// The add-on: checks what JavaScript passes and hands it to a path. Every function takes the path's number in
// `paths` and scratch memory first; results go into memory of the caller. Nothing is kept between calls.
#include "aes_addon.h"
#include "arguments.h"
#include "bytes.h"
#include "code_addon.h"
#include "constants.h"
#include "path.h"
#include "processor.h"
#include "scalar.h"

#define ALIGNMENT 64
/** More than the deepest call of a path leaves on the stack. */
#define STACK_BYTES (48 * 1024)

/** The paths of this build, fastest first, and how many of them there are. */
static const struct group_path *const PATHS[] = {
#ifdef HALFROOM_AVX
    &path_ifma,
    &path_avx2,
#endif
    &path_portable,
};
#define PATH_COUNT (sizeof PATHS / sizeof PATHS[0])

static int runs_here(const struct group_path *path)
{
#ifdef HALFROOM_AVX
    if (path == &path_ifma) return ifma_runs_here();
    if (path == &path_avx2) return avx2_runs_here();
#endif
    return path != NULL;
}

/** Registers and locals of the operation before went here: zeros over them. */
static __attribute__((noinline)) void wipe_stack(void)
{
    uint8_t used[STACK_BYTES];
    wipe(used, sizeof used);
}

static const struct group_path *path_of(napi_env env, napi_value value)
{
    uint32_t index;
    if (!number_of(env, value, &index) || index >= PATH_COUNT || !runs_here(PATHS[index])) return NULL;
    return PATHS[index];
}

/** The aligned part of an array; NULL if it has not so many bytes. */
static void *aligned(bytes b, size_t size)
{
    if (b.length < size + ALIGNMENT) return NULL;
    return (void *)(((uintptr_t)b.data + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

static void *scratch_of(napi_env env, napi_value value, const struct group_path *path)
{
    bytes b;
    return bytes_of(env, value, &b) ? aligned(b, path->scratch_bytes) : NULL;
}

/** path, scratch and then `count` arrays; 0 after throwing. */
static int operands(napi_env env, const napi_value *values, const struct group_path **path, void **scratch, bytes *arrays, size_t count)
{
    *path = path_of(env, values[0]);
    if (*path == NULL) return fail(env, "no such path on this processor"), 0;
    *scratch = scratch_of(env, values[1], *path);
    if (*scratch == NULL) return fail(env, "scratch memory is too small"), 0;
    for (size_t i = 0; i < count; i++) {
        if (!bytes_of(env, values[2 + i], &arrays[i])) return fail(env, "an operand is no Uint8Array"), 0;
    }
    return 1;
}

#define OPERANDS(count)                                                                            \
    napi_value values[ARGUMENTS_MAX];                                                              \
    const struct group_path *path;                                                                 \
    void *scratch;                                                                                 \
    bytes a[count];                                                                                \
    if (!arguments(env, info, values, 2 + (count))) return fail(env, "wrong number of arguments"); \
    if (!operands(env, values, &path, &scratch, a, count)) return NULL

#define REQUIRE(condition)                                                        \
    if (!(condition)) return fail(env, "operands and result differ in their count")

/** (path, scratch, points): the index of the first point that is not valid, or -1 */
static napi_value first_invalid(napi_env env, napi_callback_info info)
{
    OPERANDS(1);
    REQUIRE(a[0].length % ENCODING_BYTES == 0);
    return number(env, path->first_invalid(scratch, a[0].data, a[0].length / ENCODING_BYTES));
}

/** (path, scratch, out, uniform) */
static napi_value map_to_group(napi_env env, napi_callback_info info)
{
    OPERANDS(2);
    REQUIRE(a[0].length % ENCODING_BYTES == 0 && a[1].length == 2 * a[0].length);
    path->map_to_group(scratch, a[0].data, a[1].data, a[0].length / ENCODING_BYTES);
    wipe_stack();
    return boolean(env, 1);
}

/** (path, scratch, out, left, right): whether it succeeded */
static napi_value combine(napi_env env, napi_callback_info info, int subtract)
{
    OPERANDS(3);
    REQUIRE(a[0].length % ENCODING_BYTES == 0 && a[1].length == a[0].length && a[2].length == a[0].length);
    return boolean(env, path->combine(scratch, a[0].data, a[1].data, a[2].data, a[0].length / ENCODING_BYTES, subtract));
}

static napi_value add(napi_env env, napi_callback_info info) { return combine(env, info, 0); }
static napi_value subtract(napi_env env, napi_callback_info info) { return combine(env, info, 1); }

/** A scalar for each of `count` elements, or one for all. */
static int scalars_fit(bytes scalars, size_t count)
{
    return scalars.length == SCALAR_BYTES || scalars.length == count * SCALAR_BYTES;
}

/** (path, scratch, out, points, scalars), one scalar for each point or one for all: whether it succeeded */
static napi_value multiply(napi_env env, napi_callback_info info)
{
    OPERANDS(3);
    const size_t count = a[0].length / ENCODING_BYTES;
    REQUIRE(a[0].length % ENCODING_BYTES == 0 && a[1].length == a[0].length && scalars_fit(a[2], count));
    int done = path->multiply(scratch, a[0].data, a[1].data, a[2].data, count, a[2].length == SCALAR_BYTES);
    wipe_stack();
    return boolean(env, done);
}

/** (path, scratch, out, uniform, scalar): whether it succeeded */
static napi_value map_and_multiply(napi_env env, napi_callback_info info)
{
    OPERANDS(3);
    const size_t count = a[0].length / ENCODING_BYTES;
    REQUIRE(a[0].length % ENCODING_BYTES == 0 && a[1].length == 2 * a[0].length && a[2].length == SCALAR_BYTES);
    int done = path->map_and_multiply(scratch, a[0].data, a[1].data, a[2].data, count);
    wipe_stack();
    return boolean(env, done);
}

/** (path, scratch, out, scalars): whether no scalar was zero */
static napi_value multiply_base(napi_env env, napi_callback_info info)
{
    OPERANDS(2);
    REQUIRE(a[0].length % ENCODING_BYTES == 0 && a[1].length == a[0].length);
    int done = path->multiply_base(scratch, a[0].data, a[1].data, a[0].length / ENCODING_BYTES);
    wipe_stack();
    return boolean(env, done);
}

/** (path, scratch, out, uniform, base, scalars): whether it succeeded */
static napi_value map_and_add_multiples(napi_env env, napi_callback_info info)
{
    OPERANDS(4);
    const size_t length = a[0].length;
    REQUIRE(length % ENCODING_BYTES == 0 && a[1].length == 2 * length && a[2].length == ENCODING_BYTES && a[3].length == length);
    int done = path->map_and_add_multiples(scratch, a[0].data, a[1].data, a[2].data, a[3].data, length / ENCODING_BYTES);
    wipe_stack();
    return boolean(env, done);
}

/** (path, scratch, out, points, base, scalars): whether it succeeded */
static napi_value subtract_multiples(napi_env env, napi_callback_info info)
{
    OPERANDS(4);
    const size_t length = a[0].length;
    REQUIRE(length % ENCODING_BYTES == 0 && a[1].length == length && a[2].length == ENCODING_BYTES && a[3].length == length);
    int done = path->subtract_multiples(scratch, a[0].data, a[1].data, a[2].data, a[3].data, length / ENCODING_BYTES);
    wipe_stack();
    return boolean(env, done);
}

/** (path, scratch, memory, out, points, scalars): whether it succeeded */
static napi_value sum_of_products(napi_env env, napi_callback_info info)
{
    OPERANDS(4);
    const size_t count = a[2].length / ENCODING_BYTES;
    REQUIRE(a[1].length == ENCODING_BYTES && a[2].length % ENCODING_BYTES == 0 && a[3].length == a[2].length);
    void *memory = aligned(a[0], path->sum_bytes);
    if (memory == NULL) return fail(env, "the memory of a sum is too small");
    return boolean(env, path->sum_of_products(scratch, memory, a[1].data, a[2].data, a[3].data, count));
}

/** (path, scratch, out, a, b, c) */
static napi_value subtract_products(napi_env env, napi_callback_info info)
{
    OPERANDS(4);
    const size_t length = a[0].length;
    REQUIRE(length % SCALAR_BYTES == 0 && a[1].length == length && a[2].length == length && a[3].length == length);
    scalars_subtract_products(a[0].data, a[1].data, a[2].data, a[3].data, length / SCALAR_BYTES);
    wipe_stack();
    return boolean(env, 1);
}

/** (path, scratch, out, uniform) */
static napi_value reduce_scalars(napi_env env, napi_callback_info info)
{
    OPERANDS(2);
    REQUIRE(a[0].length % SCALAR_BYTES == 0 && a[1].length == 2 * a[0].length);
    scalars_reduce(a[0].data, a[1].data, a[0].length / SCALAR_BYTES);
    wipe_stack();
    return boolean(env, 1);
}

/** Offsets of rows that lie one after the other within `bytes`. */
static int offsets_of(napi_env env, napi_value value, size_t bytes, struct hashed_rows *rows)
{
    napi_typedarray_type type;
    void *data;
    size_t length;
    bool is_typed_array = false;
    if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return 0;
    if (napi_get_typedarray_info(env, value, &type, &length, &data, NULL, NULL) != napi_ok) return 0;
    if (type != napi_uint32_array || length == 0) return 0;
    rows->offsets = data;
    rows->count = length - 1;
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->offsets[i] > rows->offsets[i + 1]) return 0;
    }
    return rows->offsets[rows->count] <= bytes;
}

/** (path, scratch, out, prefix, bytes, suffix, offsets) */
static napi_value hash_rows(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    const struct group_path *path;
    void *scratch;
    bytes a[4];
    if (!arguments(env, info, values, 7)) return fail(env, "wrong number of arguments");
    if (!operands(env, values, &path, &scratch, a, 4)) return NULL;
    struct hashed_rows rows = {.prefix = a[1].data, .bytes = a[2].data, .suffix = a[3].data,
                               .prefix_length = a[1].length, .suffix_length = a[3].length};
    if (!offsets_of(env, values[6], a[2].length, &rows)) return fail(env, "offsets outside of the rows' bytes");
    REQUIRE(a[0].length == rows.count * 64);
    path->hash_rows(a[0].data, &rows);
    wipe_stack();
    return boolean(env, 1);
}

/** (path, scratch, out, left, right, operation), for tests: limbs as little-endian words of 64 bits */
static napi_value field(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    const struct group_path *path;
    void *scratch;
    bytes a[3];
    uint32_t operation;
    if (!arguments(env, info, values, 6)) return fail(env, "wrong number of arguments");
    if (!operands(env, values, &path, &scratch, a, 3)) return NULL;
    const size_t limb_bytes = (size_t)path->lanes * (size_t)path->limbs * sizeof(uint64_t);
    REQUIRE(a[0].length == (size_t)path->lanes * ENCODING_BYTES && a[1].length == limb_bytes && a[2].length == limb_bytes);
    REQUIRE((uintptr_t)a[1].data % sizeof(uint64_t) == 0 && (uintptr_t)a[2].data % sizeof(uint64_t) == 0);
    REQUIRE(number_of(env, values[5], &operation) && operation < FIELD_OPERATIONS);
    path->field((enum field_operation)operation, a[0].data, (const uint64_t *)a[1].data, (const uint64_t *)a[2].data);
    return boolean(env, 1);
}

/** What JavaScript learns of a path. */
static napi_value describe(napi_env env, const struct group_path *path)
{
    napi_value object, name;
    if (napi_create_object(env, &object) != napi_ok) return NULL;
    if (napi_create_string_utf8(env, path->name, NAPI_AUTO_LENGTH, &name) == napi_ok) set(env, object, "name", name);
    set(env, object, "lanes", number(env, path->lanes));
    set(env, object, "limbs", number(env, path->limbs));
    set(env, object, "scratchBytes", number(env, (int64_t)path->scratch_bytes + ALIGNMENT));
    set(env, object, "sumBytes", number(env, (int64_t)path->sum_bytes + ALIGNMENT));
    set(env, object, "runsHere", boolean(env, runs_here(path)));
    return object;
}

NAPI_MODULE_INIT()
{
    static const struct {
        const char *name;
        napi_callback function;
    } FUNCTIONS[] = {
        {"firstInvalid", first_invalid},
        {"mapToGroup", map_to_group},
        {"add", add},
        {"subtract", subtract},
        {"multiply", multiply},
        {"mapAndMultiply", map_and_multiply},
        {"multiplyBase", multiply_base},
        {"mapAndAddMultiples", map_and_add_multiples},
        {"subtractMultiples", subtract_multiples},
        {"sumOfProducts", sum_of_products},
        {"subtractProducts", subtract_products},
        {"reduceScalars", reduce_scalars},
        {"hashRows", hash_rows},
        {"field", field},
        {"sumBlocks", sum_blocks},
        {"gatherSums", gather_sums},
        {"foldCode", fold_code},
        {"takeLowBits", take_low_bits},
#ifdef HALFROOM_AES
        {"aesSchedule", aes_schedule_of},
        {"aesBlocks", aes_encrypt},
        {"aesStream", aes_fill},
        {"foldStreams", fold_streams},
        {"hashTransfers", hash_transfers},
        {"addProducts", products},
        {"growHalf", grow_half},
        {"hashBlocks", hash_blocks_of},
        {"treesScratch", trees_scratch},
        {"takeTreesOff", take_trees_off},
        {"addPuncturedTrees", add_punctured_trees},
        {"takeSlotsOff", take_slots_off},
        {"addPuncturedSlots", add_punctured_slots},
#endif
    };
    napi_value paths, function;
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
        const char *name = FUNCTIONS[i].name;
        if (napi_create_function(env, name, NAPI_AUTO_LENGTH, FUNCTIONS[i].function, NULL, &function) != napi_ok) return NULL;
        set(env, exports, name, function);
    }
    if (napi_create_array(env, &paths) != napi_ok) return NULL;
    for (uint32_t i = 0; i < PATH_COUNT; i++) napi_set_element(env, paths, i, describe(env, PATHS[i]));
    set(env, exports, "paths", paths);
    set(env, exports, "avx2RunsHere", boolean(env, avx2_runs_here()));
    set(env, exports, "aesRunsHere", boolean(env, aes_runs_here()));
    set(env, exports, "wideAesRunsHere", boolean(env, wide_runs_here()));
    return exports;
}
