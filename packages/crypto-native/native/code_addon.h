// The code of silent transfers, as JavaScript calls it.
#ifndef HALFROOM_CODE_ADDON_H
#define HALFROOM_CODE_ADDON_H

#include "arguments.h"
#include "code.h"

static int avx2_runs_here(void)
{
#ifdef HALFROOM_VECTOR_PATHS
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
#else
    return 0;
#endif
}

/** Memory of a typed array of `type`; 0 for anything else. */
static inline int typed_of(napi_env env, napi_value value, napi_typedarray_type type, void **data, size_t *length)
{
    napi_typedarray_type found;
    bool is_typed_array = false;
    if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return 0;
    if (napi_get_typedarray_info(env, value, &found, length, data, NULL, NULL) != napi_ok) return 0;
    return found == type;
}

/** (from, to, first, draws, cursors, sum) */
static napi_value scatter_sums(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes from, to, sum;
    uint32_t first;
    void *draws, *cursors;
    size_t count, buckets;
    if (!arguments(env, info, values, 6)) return fail(env, "wrong number of arguments");
    if (!bytes_of(env, values[0], &from) || !bytes_of(env, values[1], &to) || !bytes_of(env, values[5], &sum) ||
        !typed_of(env, values[3], napi_uint16_array, &draws, &count) ||
        !typed_of(env, values[4], napi_uint32_array, &cursors, &buckets))
        return fail(env, "an operand is no array of its kind");
    const size_t blocks = from.length / CODE_BLOCK_BYTES;
    if (!number_of(env, values[2], &first) || first > blocks || count > blocks - first) return fail(env, "no such blocks");
    if (from.length % CODE_BLOCK_BYTES != 0 || to.length != from.length || sum.length != CODE_BLOCK_BYTES || buckets == 0 ||
        (buckets & (buckets - 1)) != 0 || buckets > 1u << 16)
        return fail(env, "wrong length");
    if (!code_scatter(from.data + (size_t)first * CODE_BLOCK_BYTES, to.data, blocks, draws, count, cursors,
                      (uint32_t)buckets - 1, sum.data))
        return fail(env, "a bucket is full");
    return NULL;
}

/** (blocks, start, draws), two words a draw */
static napi_value shuffle_blocks(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes a;
    uint32_t start;
    void *draws;
    size_t words;
    if (!arguments(env, info, values, 3)) return fail(env, "wrong number of arguments");
    if (!bytes_of(env, values[0], &a) || !typed_of(env, values[2], napi_uint32_array, &draws, &words))
        return fail(env, "an operand is no array of its kind");
    const size_t blocks = a.length / CODE_BLOCK_BYTES, count = words / 2;
    if (a.length % CODE_BLOCK_BYTES != 0 || words % 2 != 0 || (uintptr_t)draws % sizeof(uint64_t) != 0)
        return fail(env, "wrong length");
    if (count == 0) return NULL;
    if (!number_of(env, values[1], &start) || start >= blocks || count >= blocks - start) return fail(env, "no such blocks");
    code_shuffle(a.data + (size_t)start * CODE_BLOCK_BYTES, draws, count);
    return NULL;
}

/** (from, out, wide) */
static napi_value fold_code(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes from, out;
    uint32_t wide;
    if (!arguments(env, info, values, 3)) return fail(env, "wrong number of arguments");
    if (!bytes_of(env, values[0], &from) || !bytes_of(env, values[1], &out)) return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[2], &wide) || (wide != 0 && !avx2_runs_here()))
        return fail(env, "no such instructions on this processor");
    if (from.length % (CODE_WORD_BLOCKS * CODE_BLOCK_BYTES) != 0 || out.length != from.length / 2) return fail(env, "wrong length");
    const size_t words = from.length / (CODE_WORD_BLOCKS * CODE_BLOCK_BYTES);
#ifdef HALFROOM_VECTOR_PATHS
    if (wide) code_fold_avx2(from.data, out.data, words);
    else
#endif
        code_fold(from.data, out.data, words);
    return NULL;
}

#endif
