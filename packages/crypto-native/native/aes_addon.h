// AES-128, and what goes with it, as JavaScript calls it.
#ifndef HALFROOM_AES_ADDON_H
#define HALFROOM_AES_ADDON_H

#include "aes.h"
#include "arguments.h"
#include "half_trees.h"
#include "processor.h"
#include "products.h"
#include "slots.h"
#include "transfers.h"
#include "trees.h"
#include "wide.h"

#ifdef HALFROOM_AES

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

/** What there is in two widths, all with the same meaning. */
struct width {
    void (*blocks)(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks);
    void (*stream)(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position);
    void (*fold)(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, size_t stride, uint8_t *rows,
                 uint8_t *sum);
    void (*hash)(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak, const uint8_t *delta,
                 uint8_t *zero, uint8_t *one, int bits);
};

static const struct width NARROW = {.blocks = aes_blocks, .stream = aes_stream, .fold = transfers_fold, .hash = transfers_hash};
#ifdef HALFROOM_AVX
static const struct width WIDE = {.blocks = wide_blocks, .stream = wide_stream, .fold = wide_fold, .hash = wide_hash};
#endif

/** By the last argument of what follows, whether to encrypt four blocks at once; NULL where the processor does not. */
static const struct width *width_of(napi_env env, napi_value value)
{
    uint32_t wide;
    if (!number_of(env, value, &wide)) return NULL;
    if (!wide) return &NARROW;
#ifdef HALFROOM_AVX
    if (wide_runs_here()) return &WIDE;
#endif
    return NULL;
}

/** (schedule, out, in, wide) */
static napi_value aes_encrypt(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(4);
    bytes in;
    const struct width *const width = width_of(env, values[3]);
    if (width == NULL) return fail(env, "no such instructions on this processor");
    if (!bytes_of(env, values[2], &in)) return fail(env, "an operand is no Uint8Array");
    if (a[0].length != AES_SCHEDULE_BYTES || in.length % AES_BLOCK_BYTES != 0 || a[1].length != in.length)
        return fail(env, "wrong length");
    width->blocks(a[0].data, a[1].data, in.data, in.length / AES_BLOCK_BYTES);
    return NULL;
}

/** (schedule, out, position, wide) */
static napi_value aes_fill(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(4);
    int64_t position;
    const struct width *const width = width_of(env, values[3]);
    if (width == NULL) return fail(env, "no such instructions on this processor");
    if (napi_get_value_int64(env, values[2], &position) != napi_ok || position < 0) return fail(env, "no position");
    if (a[0].length != AES_SCHEDULE_BYTES) return fail(env, "wrong length");
    width->stream(a[0].data, a[1].data, a[1].length, (uint64_t)position);
    return NULL;
}

/** (schedules, rows, sum, k, hole, position, leaf, wide); `leaf` may be empty */
static napi_value fold_streams(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(8);
    bytes sum, leaf;
    uint32_t k, hole;
    int64_t position;
    const struct width *const width = width_of(env, values[7]);
    if (width == NULL) return fail(env, "no such instructions on this processor");
    if (!bytes_of(env, values[2], &sum) || !bytes_of(env, values[6], &leaf)) return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[3], &k) || !number_of(env, values[4], &hole) || k < 1 || k > 8 || hole >> k != 0)
        return fail(env, "no such tree");
    if (napi_get_value_int64(env, values[5], &position) != napi_ok || position < 0) return fail(env, "no position");
    if (a[0].length != (size_t)AES_SCHEDULE_BYTES << k || a[1].length != sum.length * k || (leaf.length != 0 && leaf.length != sum.length))
        return fail(env, "wrong length");
    width->fold(a[0].data, k, hole, (uint64_t)position, sum.length, sum.length, a[1].data, sum.data);
    if (leaf.length != 0) transfers_add(leaf.data, k, hole, sum.length, a[1].data, sum.data);
    return NULL;
}

/** (schedule, matrix, delta, zero, one, tweak, bits, wide); `delta` and `one` are empty where only `zero` is wanted */
static napi_value hash_transfers(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(8);
    bytes delta, zero, one;
    int64_t tweak;
    uint32_t bits;
    const struct width *const width = width_of(env, values[7]);
    if (width == NULL) return fail(env, "no such instructions on this processor");
    if (!bytes_of(env, values[2], &delta) || !bytes_of(env, values[3], &zero) || !bytes_of(env, values[4], &one))
        return fail(env, "an operand is no Uint8Array");
    if (napi_get_value_int64(env, values[5], &tweak) != napi_ok || tweak < 0) return fail(env, "no tweak");
    if (!number_of(env, values[6], &bits)) return fail(env, "neither bits nor blocks");
    const size_t row_bytes = a[1].length / TRANSFER_ROWS;
    const size_t count = bits ? zero.length * 8 : zero.length / AES_BLOCK_BYTES;
    const int both = delta.length == AES_BLOCK_BYTES && one.length == zero.length;
    if (a[0].length != AES_SCHEDULE_BYTES || a[1].length % TRANSFER_ROWS != 0 || count > row_bytes * 8 ||
        (!bits && zero.length % AES_BLOCK_BYTES != 0) || (!both && (delta.length != 0 || one.length != 0)))
        return fail(env, "wrong length");
    width->hash(a[0].data, a[1].data, row_bytes, count, (uint64_t)tweak, both ? delta.data : NULL,
                zero.data, both ? one.data : NULL, (int)bits);
    return NULL;
}

/** (schedule, blocks, delta, zero, one, tweak, bits); `delta` and `one` are empty where only `zero` is wanted */
static napi_value hash_blocks_of(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(7);
    bytes delta, zero, one;
    int64_t tweak;
    uint32_t bits;
    if (!bytes_of(env, values[2], &delta) || !bytes_of(env, values[3], &zero) || !bytes_of(env, values[4], &one))
        return fail(env, "an operand is no Uint8Array");
    if (napi_get_value_int64(env, values[5], &tweak) != napi_ok || tweak < 0) return fail(env, "no tweak");
    if (!number_of(env, values[6], &bits)) return fail(env, "neither bits nor blocks");
    const size_t count = a[1].length / AES_BLOCK_BYTES;
    const int both = delta.length == AES_BLOCK_BYTES && one.length == zero.length;
    if (a[0].length != AES_SCHEDULE_BYTES || a[1].length % AES_BLOCK_BYTES != 0 || (bits && count % 8 != 0) ||
        zero.length != (bits ? count / 8 : a[1].length) || (!both && (delta.length != 0 || one.length != 0)))
        return fail(env, "wrong length");
    transfers_hash_blocks(a[0].data, a[1].data, count, (uint64_t)tweak, both ? delta.data : NULL, zero.data,
                          both ? one.data : NULL, (int)bits);
    return NULL;
}

/** (schedule, nodes, width, sums): nodes has room for 2 width rows, sums is one row */
static napi_value grow_half(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(4);
    bytes sums;
    uint32_t width;
    if (!number_of(env, values[2], &width) || width == 0) return fail(env, "no nodes");
    if (!bytes_of(env, values[3], &sums)) return fail(env, "an operand is no Uint8Array");
    if (a[0].length != AES_SCHEDULE_BYTES || sums.length == 0 || sums.length % AES_BLOCK_BYTES != 0 ||
        a[1].length / sums.length / 2 < width)
        return fail(env, "wrong length");
    half_trees_grow(a[0].data, a[1].data, width, sums.length / AES_BLOCK_BYTES, sums.data);
    return NULL;
}

/** (coefficients, matrix, rowBytes, firstByte, sums): as many blocks of each row, from `firstByte` on, as there are coefficients */
static napi_value products(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(5);
    bytes sums;
    uint32_t stride, first;
    if (!number_of(env, values[2], &stride) || !number_of(env, values[3], &first)) return fail(env, "no place in a row");
    if (!bytes_of(env, values[4], &sums)) return fail(env, "an operand is no Uint8Array");
    const size_t rows = sums.length / ELEMENT_BYTES;
    if (a[0].length % ELEMENT_BYTES != 0 || sums.length % ELEMENT_BYTES != 0 || first + a[0].length > stride ||
        a[1].length < rows * stride)
        return fail(env, "wrong length");
    add_products(a[0].data, a[0].length / ELEMENT_BYTES, a[1].data + first, stride, rows, sums.data);
    return NULL;
}

/** (depth, columns): bytes of scratch that trees want */
static napi_value trees_scratch(napi_env env, napi_callback_info info)
{
    napi_value values[ARGUMENTS_MAX];
    uint32_t depth, columns;
    if (!arguments(env, info, values, 2)) return fail(env, "wrong number of arguments");
    if (!number_of(env, values[0], &depth) || !number_of(env, values[1], &columns) || depth < 1 || depth > TREE_DEPTH_MAX)
        return fail(env, "no such trees");
    return number(env, (int64_t)trees_scratch_bytes(depth, columns));
}

/** Trees by the lengths of their schedules, strings and table; 0 where these do not fit each other. */
static int trees_of(struct trees *trees, bytes schedules, bytes strings, uint32_t depth, bytes table, bytes scratch)
{
    if (depth < 1 || depth > TREE_DEPTH_MAX || schedules.length != 3 * AES_SCHEDULE_BYTES) return 0;
    const size_t tree = depth * AES_BLOCK_BYTES, column = (size_t)8 << depth;
    trees->left = schedules.data;
    trees->right = schedules.data + AES_SCHEDULE_BYTES;
    trees->stretch = schedules.data + 2 * AES_SCHEDULE_BYTES;
    trees->depth = depth;
    trees->columns = table.length / column;
    trees->count = strings.length / tree;
    return strings.length % tree == 0 && table.length % column == 0 && scratch.length >= trees_scratch_bytes(depth, trees->columns);
}

static size_t correction_bytes(const struct trees *trees)
{
    return trees->count * (trees->depth - 1) * 2 * AES_BLOCK_BYTES;
}

/** (schedules, zero, one, corrections, table, sums, scratch, depth) */
static napi_value take_trees_off(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(8);
    bytes one, corrections, table, sums, scratch;
    uint32_t depth;
    struct trees trees;
    if (!bytes_of(env, values[2], &one) || !bytes_of(env, values[3], &corrections) || !bytes_of(env, values[4], &table) ||
        !bytes_of(env, values[5], &sums) || !bytes_of(env, values[6], &scratch))
        return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[7], &depth)) return fail(env, "no such trees");
    if (!trees_of(&trees, a[0], a[1], depth, table, scratch) || one.length != a[1].length ||
        corrections.length != correction_bytes(&trees) || sums.length != trees.count * trees.columns * 8)
        return fail(env, "wrong length");
    trees_take_off(&trees, a[1].data, one.data, corrections.data, table.data, sums.data, scratch.data);
    return NULL;
}

/** (schedules, known, corrections, holes, table, scratch, depth); `holes`: words, little-endian */
static napi_value add_punctured_trees(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(7);
    bytes corrections, holes, table, scratch;
    uint32_t depth;
    struct trees trees;
    if (!bytes_of(env, values[2], &corrections) || !bytes_of(env, values[3], &holes) || !bytes_of(env, values[4], &table) ||
        !bytes_of(env, values[5], &scratch))
        return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[6], &depth)) return fail(env, "no such trees");
    if (!trees_of(&trees, a[0], a[1], depth, table, scratch) || corrections.length != correction_bytes(&trees) ||
        holes.length != trees.count * sizeof(uint32_t))
        return fail(env, "wrong length");
    const uint32_t *const hole = (const uint32_t *)(const void *)holes.data;
    for (size_t tree = 0; tree < trees.count; tree++) {
        if (hole[tree] >> depth != 0) return fail(env, "no such hole");
    }
    trees_add_punctured(&trees, a[1].data, corrections.data, hole, table.data, scratch.data);
    return NULL;
}

/** Slots by the lengths of their schedules, rows and table; 0 where these do not fit each other. */
static int slots_of(struct slots *slots, bytes schedules, bytes rows, bytes table, uint32_t cells, int64_t tweak)
{
    if (cells < 2 || tweak < 0 || schedules.length != 2 * AES_SCHEDULE_BYTES) return 0;
    const size_t slot = ((size_t)cells - 1) * AES_BLOCK_BYTES, column = (size_t)cells * 8;
    slots->hash = schedules.data;
    slots->stretch = schedules.data + AES_SCHEDULE_BYTES;
    slots->cells = cells;
    slots->columns = table.length / column;
    slots->count = rows.length / slot;
    slots->tweak = (uint64_t)tweak;
    return rows.length % slot == 0 && table.length % column == 0;
}

/** (schedules, rows, delta, flips, table, sums, cells, tweak) */
static napi_value take_slots_off(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(8);
    bytes delta, flips, table, sums;
    uint32_t cells;
    int64_t tweak;
    struct slots slots;
    if (!bytes_of(env, values[2], &delta) || !bytes_of(env, values[3], &flips) || !bytes_of(env, values[4], &table) ||
        !bytes_of(env, values[5], &sums))
        return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[6], &cells) || napi_get_value_int64(env, values[7], &tweak) != napi_ok) return fail(env, "no such slots");
    if (!slots_of(&slots, a[0], a[1], table, cells, tweak) || delta.length != AES_BLOCK_BYTES ||
        flips.length < (a[1].length / AES_BLOCK_BYTES + 7) / 8 || sums.length != slots.count * slots.columns * 8)
        return fail(env, "wrong length");
    slots_take_off(&slots, a[1].data, delta.data, flips.data, table.data, sums.data);
    return NULL;
}

/** (schedules, rows, holes, table, row, cells, tweak); `holes`: words, little-endian; `row`: room for one of the table */
static napi_value add_punctured_slots(napi_env env, napi_callback_info info)
{
    AES_ARRAYS(7);
    bytes holes, table, row;
    uint32_t cells;
    int64_t tweak;
    struct slots slots;
    if (!bytes_of(env, values[2], &holes) || !bytes_of(env, values[3], &table) || !bytes_of(env, values[4], &row))
        return fail(env, "an operand is no Uint8Array");
    if (!number_of(env, values[5], &cells) || napi_get_value_int64(env, values[6], &tweak) != napi_ok) return fail(env, "no such slots");
    if (!slots_of(&slots, a[0], a[1], table, cells, tweak) || holes.length != slots.count * sizeof(uint32_t) ||
        row.length != slots.columns * 8)
        return fail(env, "wrong length");
    const uint32_t *const hole = (const uint32_t *)(const void *)holes.data;
    for (size_t slot = 0; slot < slots.count; slot++) {
        if (hole[slot] >= cells) return fail(env, "no such hole");
    }
    slots_add_punctured(&slots, a[1].data, hole, table.data, row.data);
    return NULL;
}

#endif
#endif
