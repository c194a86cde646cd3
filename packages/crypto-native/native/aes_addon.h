// AES-128 as JavaScript calls it.
#ifndef HALFROOM_AES_ADDON_H
#define HALFROOM_AES_ADDON_H

#include "aes.h"
#include "arguments.h"

static int aes_runs_here(void)
{
#ifdef HALFROOM_VECTOR_PATHS
    __builtin_cpu_init();
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.1");
#else
    return 0;
#endif
}

#ifdef HALFROOM_VECTOR_PATHS

#define AES_ARRAYS(count)                                                                     \
    napi_value values[ARGUMENTS_MAX];                                                         \
    bytes a[2];                                                                               \
    if (!arguments(env, info, values, count)) return fail(env, "wrong number of arguments");  \
    if (!aes_runs_here()) return fail(env, "no AES instructions on this processor");          \
    if (!bytes_of(env, values[0], &a[0]) || !bytes_of(env, values[1], &a[1]))                 \
        return fail(env, "an operand is no Uint8Array")

/** (schedule, key) */
static napi_value aes_schedule_of(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(2);
    if (a[0].length != AES_SCHEDULE_BYTES || a[1].length != AES_BLOCK_BYTES) return fail(env, "wrong length");
    aes_schedule(a[0].data, a[1].data);
    return NULL;
}

/** (schedule, out, in) */
static napi_value aes_encrypt(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(3);
    bytes in;
    if (!bytes_of(env, values[2], &in)) return fail(env, "an operand is no Uint8Array");
    if (a[0].length != AES_SCHEDULE_BYTES || in.length % AES_BLOCK_BYTES != 0 || a[1].length != in.length)
        return fail(env, "wrong length");
    aes_blocks(a[0].data, a[1].data, in.data, in.length / AES_BLOCK_BYTES);
    return NULL;
}

/** (schedule, out, position) */
static napi_value aes_fill(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(3);
    int64_t position;
    if (napi_get_value_int64(env, values[2], &position) != napi_ok || position < 0) return fail(env, "no position");
    if (a[0].length != AES_SCHEDULE_BYTES) return fail(env, "wrong length");
    aes_stream(a[0].data, a[1].data, a[1].length, (uint64_t)position);
    return NULL;
}

#endif
#endif
