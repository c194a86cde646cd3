// Leaves that become rows of numbers in a table; only for files compiled for processors with AES instructions.
#ifndef HALFROOM_LEAVES_H
#define HALFROOM_LEAVES_H

#include "aes_rounds.h"

/** Leaves that are made and used at a time: they stay in the first cache. */
#define LEAVES 256
/** Blocks are read in groups of LANES, so that up to so many behind the last one are read too. */
#define SLACK LANES

/** pi(x) ^ x of eight blocks. */
static inline __attribute__((always_inline)) void one_way(const block *key, const block *x, block *out)
{
    for (int i = 0; i < LANES; i++) out[i] = x[i];
    encrypt(key, out, LANES);
    for (int i = 0; i < LANES; i++) out[i] ^= x[i];
}

/** Adds a pair of numbers, or of an odd last pair the first alone, or takes it off. */
static inline __attribute__((always_inline)) void add_pair(uint8_t *at, block pair, int both, int negative)
{
    const block old = both ? load(at) : load_word(at);
    const block sum = negative ? old - pair : old + pair;
    if (both) store(at, sum);
    else store_word(at, sum);
}

/** Columns 2 `pair` and 2 `pair` + 1 of `count` leaves, added to rows `row` bytes apart, or taken off; returns their sum. */
static inline __attribute__((always_inline)) block add_columns(const block *stretch, const block *leaves, size_t count, size_t pair,
                                                               uint8_t *at, size_t row, int both, int negative)
{
    const block number = {0, (uint64_t)pair << 32};
    block sum = {0, 0}, x[LANES], out[LANES];
    for (size_t done = 0; done < count; done += LANES) {
        for (int i = 0; i < LANES; i++) x[i] = leaves[done + (size_t)i] ^ number;
        one_way(stretch, x, out);
        const size_t used = count - done < LANES ? count - done : LANES;
        for (size_t i = 0; i < used; i++) {
            add_pair(at + (done + i) * row, out[i], both, negative);
            sum += out[i];
        }
    }
    return sum;
}

/**
 * Adds `count` leaves, stretched to `columns` numbers each, to rows of `table` from `cell` on, or takes them off, and adds their sum to the
 * row `sums`. Up to SLACK blocks behind the last leaf are read.
 */
static inline void add_leaves(const block *stretch, size_t columns, const block *leaves, size_t count, size_t cell, int negative,
                              uint8_t *table, uint8_t *sums)
{
    const size_t row = columns * 8;
    for (size_t pair = 0; 2 * pair < columns; pair++) {
        const int both = 2 * pair + 1 < columns;
        uint8_t *const at = table + cell * row + pair * AES_BLOCK_BYTES;
        block sum;
        if (both) sum = negative ? add_columns(stretch, leaves, count, pair, at, row, 1, 1) : add_columns(stretch, leaves, count, pair, at, row, 1, 0);
        else sum = negative ? add_columns(stretch, leaves, count, pair, at, row, 0, 1) : add_columns(stretch, leaves, count, pair, at, row, 0, 0);
        add_pair(sums + pair * AES_BLOCK_BYTES, sum, both, 0);
    }
}

#endif
