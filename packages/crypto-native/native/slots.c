// The slots of the group-by by AES instructions.
#include "slots.h"
#include "aes.h"
#include "leaves.h"

#include <string.h>

struct tools {
    block hash[ROUNDS + 1], stretch[ROUNDS + 1];
};

/** What the keys of a side are shifted by: `delta` where its bit of `flips` is 1. */
struct shift {
    block delta;
    const uint8_t *flips;
};

static void load_tools(struct tools *tools, const struct slots *slots)
{
    load_schedule(tools->hash, slots->hash);
    load_schedule(tools->stretch, slots->stretch);
}

/** `delta` where bit `i` of `flips` is 1, else zero, by a mask. */
static inline block masked(block delta, const uint8_t *flips, size_t i)
{
    const uint64_t mask = -(uint64_t)(flips[i / 8] >> i % 8 & 1);
    return delta & (block){mask, mask};
}

/** Turns keys into leaves: h(x, i) = pi(pi(x) ^ i) ^ pi(x), i = `tweak` and following. Up to SLACK blocks behind the last one change. */
static inline void hash_keys(const block *hash, block *keys, size_t count, uint64_t tweak)
{
    for (size_t done = 0; done < count; done += LANES) {
        block *const x = keys + done, inner[LANES];
        encrypt(hash, x, LANES);
        for (int i = 0; i < LANES; i++) {
            inner[i] = x[i];
            x[i] ^= (block){tweak + done + (uint64_t)i, 0};
        }
        encrypt(hash, x, LANES);
        for (int i = 0; i < LANES; i++) x[i] ^= inner[i];
    }
}

/** One slot, a piece at a time in `keys`: its leaves are added to `table` or taken off, and their sum is added to the row `sums`. */
static inline __attribute__((always_inline)) void add_slot(const struct tools *tools, const struct slots *slots, size_t slot, const uint8_t *rows,
                                                           const struct shift *shift, int negative, block *keys, uint8_t *table,
                                                           uint8_t *sums)
{
    const size_t cells = slots->cells;
    const uint8_t *from = rows + slot * (cells - 1) * AES_BLOCK_BYTES;
    size_t flip = slot * (cells - 1);
    block last = shift != NULL ? shift->delta : (block){0, 0};
    for (size_t first = 0; first < cells; first += LEAVES) {
        const size_t count = cells - first < LEAVES ? cells - first : LEAVES;
        const size_t drawn = first + count == cells ? count - 1 : count;
        for (size_t i = 0; i < drawn; i++, flip++, from += AES_BLOCK_BYTES) {
            keys[i] = load(from);
            if (shift != NULL) keys[i] ^= masked(shift->delta, shift->flips, flip);
            last ^= keys[i];
        }
        if (drawn < count) keys[drawn] = last;
        hash_keys(tools->hash, keys, count, slots->tweak + slot * cells + first);
        add_leaves(tools->stretch, slots->columns, keys, count, first, negative, table, sums);
    }
}

void slots_take_off(const struct slots *slots, const uint8_t *rows, const uint8_t *delta, const uint8_t *flips, uint8_t *table,
                    uint8_t *sums)
{
    struct tools tools;
    block keys[LEAVES + SLACK];
    load_tools(&tools, slots);
    memset(keys, 0, sizeof keys);
    const struct shift shift = {.delta = load(delta), .flips = flips};
    const size_t row = slots->columns * 8;
    memset(sums, 0, slots->count * row);
    for (size_t slot = 0; slot < slots->count; slot++) add_slot(&tools, slots, slot, rows, &shift, 1, keys, table, sums + slot * row);
}

void slots_add_punctured(const struct slots *slots, const uint8_t *rows, const uint32_t *holes, uint8_t *table, uint8_t *row)
{
    struct tools tools;
    block keys[LEAVES + SLACK];
    load_tools(&tools, slots);
    memset(keys, 0, sizeof keys);
    const size_t bytes = slots->columns * 8;
    for (size_t slot = 0; slot < slots->count; slot++) {
        memset(row, 0, bytes);
        add_slot(&tools, slots, slot, rows, NULL, 0, keys, table, row);
        // What came of the key that is not known goes with it: the cell of the hole had that leaf added, and loses it in the sum.
        uint8_t *const cell = table + holes[slot] * bytes;
        for (size_t at = 0; at < bytes; at += 8) add_pair(cell + at, load_word(row + at), 0, 1);
    }
}
