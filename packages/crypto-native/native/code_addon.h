// The code of silent transfers, as JavaScript calls it.
#ifndef HALFROOM_CODE_ADDON_H
#define HALFROOM_CODE_ADDON_H

#include "arguments.h"
#include "code.h"
#include "processor.h"

/** Memory of a Uint32Array; 0 for anything else. */
static inline int words_of(napi_env env, napi_value value, uint32_t **data, size_t *length)
{
    napi_typedarray_type found;
    bool is_typed_array = false;
    if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return 0;
    if (napi_get_typedarray_info(env, value, &found, length, (void **)data, NULL, NULL) != napi_ok) return 0;
    return found == napi_uint32_array;
}

/** (blocks) */
static napi_value sum_blocks(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes a;
    if (!arguments(env, info, values, 1)) return fail(env, "wrong number of arguments");
    if (!bytes_of(env, values[0], &a)) return fail(env, "an operand is no Uint8Array");
    if (a.length % CODE_BLOCK_BYTES != 0) return fail(env, "wrong length");
    code_sum(a.data, a.length / CODE_BLOCK_BYTES);
    return NULL;
}

/** What both functions below begin with: (from, out, order), and that the order's places are in `from`. */
static int permuted(napi_env env, napi_value *values, bytes *from, bytes *out, uint32_t **order, size_t *count)
{
    if (!bytes_of(env, values[0], from) || !bytes_of(env, values[1], out) || !words_of(env, values[2], order, count)) {
        fail(env, "an operand is no array of its kind");
        return 0;
    }
    if (from->length % CODE_BLOCK_BYTES != 0 || !code_places_fit(*order, *count, from->length / CODE_BLOCK_BYTES)) {
        fail(env, "no such blocks");
        return 0;
    }
    return 1;
}

/** (from, to, order) */
static napi_value gather_sums(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes from, to;
    uint32_t *order;
    size_t count;
    if (!arguments(env, info, values, 3)) return fail(env, "wrong number of arguments");
    if (!permuted(env, values, &from, &to, &order, &count)) return NULL;
    if (to.length != count * CODE_BLOCK_BYTES) return fail(env, "wrong length");
    code_gather(from.data, to.data, order, count);
    return NULL;
}

/** (from, out, order, wide) */
static napi_value fold_code(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes from, out;
    uint32_t *order, wide;
    size_t count;
    if (!arguments(env, info, values, 4)) return fail(env, "wrong number of arguments");
    if (!permuted(env, values, &from, &out, &order, &count)) return NULL;
    if (!number_of(env, values[3], &wide) || (wide != 0 && !avx2_runs_here()))
        return fail(env, "no such instructions on this processor");
    if (count % CODE_WORD_BLOCKS != 0 || out.length != count / 2 * CODE_BLOCK_BYTES) return fail(env, "wrong length");
    const size_t words = count / CODE_WORD_BLOCKS;
#ifdef HALFROOM_AVX
    if (wide) code_fold_avx2(from.data, out.data, order, words);
    else
#endif
        code_fold(from.data, out.data, order, words);
    return NULL;
}

/** (blocks, bits); `bits` may be empty */
static napi_value take_low_bits(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    bytes blocks, bits;
    if (!arguments(env, info, values, 2)) return fail(env, "wrong number of arguments");
    if (!bytes_of(env, values[0], &blocks) || !bytes_of(env, values[1], &bits)) return fail(env, "an operand is no Uint8Array");
    const size_t count = blocks.length / CODE_BLOCK_BYTES;
    if (blocks.length % CODE_BLOCK_BYTES != 0 || (bits.length != 0 && bits.length < (count + 7) / 8)) return fail(env, "wrong length");
    code_take_low_bits(blocks.data, count, bits.length != 0 ? bits.data : NULL);
    return NULL;
}

#endif
