// One-hot slots whose leaves become numbers in a table, one column set a cell (protocol-spec.md, section 12): hashed, stretched and added up
// slot after slot, so that no leaf leaves the cache.
#ifndef HALFROOM_SLOTS_H
#define HALFROOM_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/** Slots side by side: `cells` leaves each, at least 2, stretched to `columns` numbers mod 2^64, little-endian. */
struct slots {
    /** AES schedules of the hash that makes leaves of keys, and of the stretching. */
    const uint8_t *hash, *stretch;
    size_t cells, columns, count;
    /** The tweak of the first leaf of all; the others follow one by one. */
    uint64_t tweak;
};

/**
 * `rows`: count x (cells - 1) blocks, to each of which `delta` is added where its bit of `flips` is 1: the keys of all places of a slot
 * but the last, whose key is the sum of the others and delta. Takes leaf g of every slot off cell g of `table`, cells x columns. Writes
 * `sums`, count x columns numbers: the sum of each slot's leaves.
 */
void slots_take_off(const struct slots *slots, const uint8_t *rows, const uint8_t *delta, const uint8_t *flips, uint8_t *table,
                    uint8_t *sums);

/**
 * The same keys without delta. Adds every leaf but that in the hole to its cell of `table`, and takes the sum of those leaves off the cell
 * of the hole. `holes` are less than `cells`. `row` is room for one row of the table.
 */
void slots_add_punctured(const struct slots *slots, const uint8_t *rows, const uint32_t *holes, uint8_t *table, uint8_t *row);

#endif
