// GGM trees whose leaves become numbers in a table, one column set a cell (protocol-spec.md, sections 10.2 and 12): grown, stretched and
// added up tree after tree, so that no leaf leaves the cache.
#ifndef HALFROOM_TREES_H
#define HALFROOM_TREES_H

#include <stddef.h>
#include <stdint.h>

/** Cells are at most 2^16. */
#define TREE_DEPTH_MAX 16

/** Trees of one depth: 2^depth leaves, each stretched to `columns` numbers mod 2^64, little-endian. */
struct trees {
    /** AES schedules of the children on the left, of those on the right, and of the stretching. */
    const uint8_t *left, *right, *stretch;
    unsigned depth;
    size_t columns;
    size_t count;
};

/** Memory that both functions work in. */
size_t trees_scratch_bytes(unsigned depth, size_t columns);

/**
 * `zero`, `one`: the strings of both branches of each level, count x depth blocks. Writes `corrections`, count x (depth - 1) x 2 blocks,
 * and `sums`, count x columns numbers: the sum of each tree's leaves. Takes leaf g of every tree off cell g of `table`, 2^depth x columns.
 */
void trees_take_off(const struct trees *trees, const uint8_t *zero, const uint8_t *one, uint8_t *corrections, uint8_t *table,
                    uint8_t *sums, uint8_t *scratch);

/**
 * `known`: for each level the string of the branch that leaves the path to the tree's hole. Adds every leaf but that in the hole to its
 * cell of `table`, and takes the sum of those leaves off the cell of the hole. `holes` are less than 2^depth.
 */
void trees_add_punctured(const struct trees *trees, const uint8_t *known, const uint8_t *corrections, const uint32_t *holes,
                         uint8_t *table, uint8_t *scratch);

#endif
