// The trees of the group-by by AES instructions.
#include "trees.h"
#include "aes.h"
#include "leaves.h"

#include <string.h>

/** Nodes whose children are leaves that are made and used at a time: with their numbers they stay in the first cache. */
#define PARENTS (LEAVES / 2)

typedef block keys[ROUNDS + 1];

struct tools {
    keys left, right, stretch;
};

/** What one tree is grown in. */
struct room {
    /** A level, and the next one. */
    block *nodes, *children;
    block *leaves;
    /** Sums of leaves that were added to the table of a punctured tree, and of those that were taken off again: a row each. */
    uint8_t *added, *undone;
};

/** Blocks of a level, of which the last is never kept whole. */
static size_t level_blocks(unsigned depth) { return ((size_t)1 << (depth > 1 ? depth - 1 : 1)) + SLACK; }

size_t trees_scratch_bytes(unsigned depth, size_t columns)
{
    return (2 * level_blocks(depth) + LEAVES + SLACK + 1) * AES_BLOCK_BYTES + 2 * columns * 8;
}

static struct room lay_out(uint8_t *scratch, const struct trees *trees)
{
    const size_t level = level_blocks(trees->depth);
    block *const start = (block *)(((uintptr_t)scratch + AES_BLOCK_BYTES - 1) & ~(uintptr_t)(AES_BLOCK_BYTES - 1));
    struct room room = {.nodes = start, .children = start + level, .leaves = start + 2 * level};
    room.added = (uint8_t *)(room.leaves + LEAVES + SLACK);
    room.undone = room.added + trees->columns * 8;
    return room;
}

static void load_tools(struct tools *tools, const struct trees *trees)
{
    load_schedule(tools->left, trees->left);
    load_schedule(tools->right, trees->right);
    load_schedule(tools->stretch, trees->stretch);
}

/** The children of `count` nodes, side by side, and the sum of those on each side. */
static void grow(const struct tools *tools, const block *nodes, size_t count, block *children, block *sums)
{
    block x[LANES], even[LANES], odd[LANES];
    for (size_t done = 0; done < count; done += LANES) {
        for (int i = 0; i < LANES; i++) x[i] = nodes[done + (size_t)i];
        one_way(tools->left, x, even);
        one_way(tools->right, x, odd);
        const size_t used = count - done < LANES ? count - done : LANES;
        for (size_t i = 0; i < used; i++) {
            children[2 * (done + i)] = even[i];
            children[2 * (done + i) + 1] = odd[i];
            sums[0] ^= even[i];
            sums[1] ^= odd[i];
        }
    }
}

/**
 * The children of the last level but one, a piece at a time, as leaves: see `add_leaves`. `branches`: the sums of the leaves on each side.
 */
static void add_last_level(const struct tools *tools, const struct trees *trees, const struct room *room, int negative, uint8_t *table,
                           uint8_t *sums, block *branches)
{
    const size_t parents = (size_t)1 << (trees->depth - 1);
    for (size_t done = 0; done < parents; done += PARENTS) {
        const size_t count = parents - done < PARENTS ? parents - done : PARENTS;
        grow(tools, room->nodes + done, count, room->leaves, branches);
        add_leaves(tools->stretch, trees->columns, room->leaves, 2 * count, 2 * done, negative, table, sums);
    }
}

static void swap_levels(struct room *room)
{
    block *const children = room->children;
    room->children = room->nodes;
    room->nodes = children;
}

static void correct(uint8_t *correction, const block *branches, const uint8_t *zero, const uint8_t *one)
{
    store(correction, branches[0] ^ load(zero));
    store(correction + AES_BLOCK_BYTES, branches[1] ^ load(one));
}

static void take_tree_off(const struct tools *tools, const struct trees *trees, const uint8_t *zero, const uint8_t *one,
                          uint8_t *corrections, uint8_t *table, uint8_t *sums, struct room room)
{
    room.nodes[0] = load(zero);
    room.nodes[1] = load(one);
    if (trees->depth == 1) {
        add_leaves(tools->stretch, trees->columns, room.nodes, 2, 0, 1, table, sums);
        return;
    }
    for (unsigned level = 1; level < trees->depth; level++) {
        block branches[2] = {{0, 0}, {0, 0}};
        if (level + 1 < trees->depth) {
            grow(tools, room.nodes, (size_t)1 << level, room.children, branches);
            swap_levels(&room);
        } else {
            add_last_level(tools, trees, &room, 1, table, sums, branches);
        }
        const size_t at = level * AES_BLOCK_BYTES;
        correct(corrections + 2 * (at - AES_BLOCK_BYTES), branches, zero + at, one + at);
    }
}

void trees_take_off(const struct trees *trees, const uint8_t *zero, const uint8_t *one, uint8_t *corrections, uint8_t *table,
                    uint8_t *sums, uint8_t *scratch)
{
    struct tools tools;
    load_tools(&tools, trees);
    const struct room room = lay_out(scratch, trees);
    const size_t strings = trees->depth * AES_BLOCK_BYTES;
    const size_t row = trees->columns * 8;
    memset(sums, 0, trees->count * row);
    for (size_t tree = 0; tree < trees->count; tree++) {
        take_tree_off(&tools, trees, zero + tree * strings, one + tree * strings, corrections + tree * 2 * (strings - AES_BLOCK_BYTES), table,
                      sums + tree * row, room);
    }
}

/** What stands beside the path at `level`: the sum of its branch without it, the correction and the known string. */
static block sibling_of(block grown, block branch_sum, const uint8_t *corrections, const uint8_t *known, unsigned level,
                          unsigned branch)
{
    const uint8_t *const correction = corrections + (2 * (level - 1) + branch) * AES_BLOCK_BYTES;
    return grown ^ branch_sum ^ load(correction) ^ load(known + level * AES_BLOCK_BYTES);
}

/**
 * Adds one punctured tree. On each level the node on the path is unknown: it is kept as zero and grown like any other, and what came of
 * that is put right once the sums are there. So the work hangs on public sizes alone, and addresses on the path only at its own nodes.
 */
static void add_punctured_tree(const struct tools *tools, const struct trees *trees, const uint8_t *known, const uint8_t *corrections,
                               uint32_t hole, uint8_t *table, struct room room)
{
    const unsigned depth = trees->depth;
    const size_t row = trees->columns * 8;
    const unsigned off = (hole >> (depth - 1) & 1) ^ 1;
    memset(room.added, 0, row);
    memset(room.undone, 0, row);
    room.nodes[off] = load(known);
    room.nodes[off ^ 1] = (block){0, 0};
    if (depth == 1) add_leaves(tools->stretch, trees->columns, room.nodes + off, 1, off, 0, table, room.added);
    for (unsigned level = 1; level < depth; level++) {
        block branches[2] = {{0, 0}, {0, 0}};
        const size_t on_path = hole >> (depth - 1 - level);
        const unsigned branch = (on_path & 1) ^ 1;
        if (level + 1 < depth) {
            grow(tools, room.nodes, (size_t)1 << level, room.children, branches);
            swap_levels(&room);
            block *const sibling = &room.nodes[on_path ^ 1];
            *sibling = sibling_of(*sibling, branches[branch], corrections, known, level, branch);
            room.nodes[on_path] = (block){0, 0};
            continue;
        }
        add_last_level(tools, trees, &room, 0, table, room.added, branches);
        // The two leaves that grew from the zero on the path are none.
        block ignored[2] = {{0, 0}, {0, 0}};
        room.nodes[0] = (block){0, 0};
        grow(tools, room.nodes, 1, room.leaves, ignored);
        add_leaves(tools->stretch, trees->columns, room.leaves, 2, on_path & ~(size_t)1, 1, table, room.undone);
        room.leaves[0] = sibling_of(room.leaves[branch], branches[branch], corrections, known, level, branch);
        add_leaves(tools->stretch, trees->columns, room.leaves, 1, on_path ^ 1, 0, table, room.added);
    }
    uint8_t *const cell = table + hole * row;
    for (size_t at = 0; at < row; at += 8) {
        const block others = load_word(room.added + at) - load_word(room.undone + at);
        add_pair(cell + at, others, 0, 1);
    }
}

void trees_add_punctured(const struct trees *trees, const uint8_t *known, const uint8_t *corrections, const uint32_t *holes,
                         uint8_t *table, uint8_t *scratch)
{
    struct tools tools;
    load_tools(&tools, trees);
    const struct room room = lay_out(scratch, trees);
    const size_t strings = trees->depth * AES_BLOCK_BYTES;
    for (size_t tree = 0; tree < trees->count; tree++) {
        add_punctured_tree(&tools, trees, known + tree * strings, corrections + tree * 2 * (strings - AES_BLOCK_BYTES), holes[tree], table,
                           room);
    }
}
