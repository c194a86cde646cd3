// What crosses between JavaScript and C: arguments in, values and errors out.
#ifndef HALFROOM_ARGUMENTS_H
#define HALFROOM_ARGUMENTS_H

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENTS_MAX 8

typedef struct {
    uint8_t *data;
    size_t length;
} bytes;

static inline napi_value fail(napi_env env, const char *message)
{
    napi_throw_range_error(env, NULL, message);
    return NULL;
}

/** Arguments of a call; 0 unless there are just `count`. */
static inline int arguments(napi_env env, napi_callback_info info, napi_value *values, size_t count)
{
    size_t given = ARGUMENTS_MAX;
    return napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given == count;
}

/** A Uint8Array's memory; 0 for anything else. */
static inline int bytes_of(napi_env env, napi_value value, bytes *r)
{
    napi_typedarray_type type;
    void *data;
    bool is_typed_array = false;
    if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return 0;
    if (napi_get_typedarray_info(env, value, &type, &r->length, &data, NULL, NULL) != napi_ok) return 0;
    r->data = data;
    return type == napi_uint8_array;
}

static inline int number_of(napi_env env, napi_value value, uint32_t *r)
{
    return napi_get_value_uint32(env, value, r) == napi_ok;
}

static inline napi_value boolean(napi_env env, int value)
{
    napi_value result;
    return napi_get_boolean(env, value != 0, &result) == napi_ok ? result : NULL;
}

static inline napi_value number(napi_env env, int64_t value)
{
    napi_value result;
    return napi_create_int64(env, value, &result) == napi_ok ? result : NULL;
}

static inline void set(napi_env env, napi_value object, const char *name, napi_value value)
{
    if (value != NULL) napi_set_named_property(env, object, name, value);
}

#endif
