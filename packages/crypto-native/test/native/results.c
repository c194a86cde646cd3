// Everything of aes.h, transfers.h, half_trees.h, trees.h, slots.h, products.h and code.h on one set of inputs, of all lengths at which it does
// something else. Prints the vectors of FIPS 197, then a digest of each function's results, which are to be the same on every processor.
#include "aes.h"
#include "code.h"
#include "half_trees.h"
#include "products.h"
#include "slots.h"
#include "transfers.h"
#include "trees.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Behind what a function may write there is more, and the digest takes it too: it shows what was written there. */
#define BEHIND 64

/** Of FNV-1a with 64 bits. */
#define DIGEST_START 0xcbf29ce484222325
#define DIGEST_FACTOR 0x100000001b3

static uint64_t state = 1, digest = DIGEST_START;

/** `bytes` that look random (xorshift64), and BEHIND more. */
static uint8_t *some(size_t bytes)
{
    uint8_t *const memory = malloc(bytes + BEHIND);
    if (memory == NULL) exit(1);
    for (size_t i = 0; i < bytes + BEHIND; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memory[i] = (uint8_t)(state >> 32);
    }
    return memory;
}

/** Adds `bytes`, and those behind them, to the digest. */
static void take(uint8_t *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes + BEHIND; i++) digest = (digest ^ memory[i]) * DIGEST_FACTOR;
    free(memory);
}

static void show(const char *name)
{
    printf("%s %016" PRIx64 "\n", name, digest);
    digest = DIGEST_START;
}

static void show_block(const char *name, const uint8_t *block)
{
    printf("%s ", name);
    for (int i = 0; i < AES_BLOCK_BYTES; i++) printf("%02x", block[i]);
    printf("\n");
}

static uint8_t *some_schedules(size_t count)
{
    uint8_t *const schedules = some(count * AES_SCHEDULE_BYTES), *const keys = some(count * AES_BLOCK_BYTES);
    for (size_t i = 0; i < count; i++) aes_schedule(schedules + i * AES_SCHEDULE_BYTES, keys + i * AES_BLOCK_BYTES);
    free(keys);
    return schedules;
}

/** FIPS 197: the last round key of appendix A.1, and the cipher's output in appendix C.1. */
static void vectors(void)
{
    static const uint8_t EXPANDED[] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    uint8_t schedule[AES_SCHEDULE_BYTES], key[AES_BLOCK_BYTES], block[AES_BLOCK_BYTES];
    aes_schedule(schedule, EXPANDED);
    show_block("roundKey", schedule + AES_SCHEDULE_BYTES - AES_BLOCK_BYTES);
    for (int i = 0; i < AES_BLOCK_BYTES; i++) key[i] = (uint8_t)i, block[i] = (uint8_t)(0x11 * i);
    aes_schedule(schedule, key);
    aes_blocks(schedule, block, block, 1);
    show_block("block", block);
}

static void blocks(void)
{
    for (size_t count = 0; count < 20; count++) {
        uint8_t *const schedule = some_schedules(1), *const in = some(count * AES_BLOCK_BYTES), *const out = some(count * AES_BLOCK_BYTES);
        aes_blocks(schedule, out, in, count);
        aes_blocks(schedule, in, in, count);
        take(in, count * AES_BLOCK_BYTES);
        take(out, count * AES_BLOCK_BYTES);
        take(schedule, AES_SCHEDULE_BYTES);
    }
    show("blocks");
}

static void stream(void)
{
    static const uint64_t POSITIONS[] = {0, 1, 15, 16, 17, 4096, ((uint64_t)1 << 40) - 5, ((uint64_t)1 << 52) - 33};
    static const size_t LENGTHS[] = {0, 1, 15, 16, 17, 127, 128, 129, 1000};
    for (size_t i = 0; i < sizeof POSITIONS / sizeof *POSITIONS; i++) {
        for (size_t j = 0; j < sizeof LENGTHS / sizeof *LENGTHS; j++) {
            uint8_t *const schedule = some_schedules(1), *const out = some(LENGTHS[j]);
            aes_stream(schedule, out, LENGTHS[j], POSITIONS[i]);
            take(out, LENGTHS[j]);
            free(schedule);
        }
    }
    show("stream");
}

static void fold(void)
{
    static const size_t LENGTHS[] = {1, 16, 127, 1024, 1051};
    for (unsigned k = 1; k <= 5; k++) {
        for (size_t j = 0; j < sizeof LENGTHS / sizeof *LENGTHS; j++) {
            const size_t bytes = LENGTHS[j];
            const uint32_t hole = (uint32_t)(state >> 20) & ((1u << k) - 1);
            uint8_t *const schedules = some_schedules((size_t)1 << k), *const rows = some(k * bytes), *const sum = some(bytes), *const leaf = some(bytes);
            transfers_fold(schedules, k, hole, 3 * j, bytes, bytes, rows, sum);
            transfers_add(leaf, k, hole, bytes, rows, sum);
            take(rows, k * bytes);
            take(sum, bytes);
            free(schedules);
            free(leaf);
        }
    }
    show("fold");
}

/** Hashes of the columns of a matrix, or of blocks one after the other: as strings or as bits, with the other one or without. */
static void hash(int of_columns)
{
    static const size_t COUNTS[] = {8, 120, 128, 136, 512};
    for (size_t i = 0; i < 4 * (sizeof COUNTS / sizeof *COUNTS); i++) {
        const size_t count = COUNTS[i / 4], row = count / 8;
        const int bits = i & 1;
        const size_t bytes = bits ? count / 8 : count * AES_BLOCK_BYTES;
        uint8_t *const schedule = some_schedules(1), *const in = some(count * AES_BLOCK_BYTES), *const delta = some(AES_BLOCK_BYTES);
        uint8_t *const zero = some(bytes), *const one = some(bytes), *const other = i & 2 ? one : NULL;
        const uint64_t tweak = ((uint64_t)1 << 32) - 7;
        if (of_columns) transfers_hash(schedule, in, row, count, tweak, delta, zero, other, bits);
        else transfers_hash_blocks(schedule, in, count, tweak, delta, zero, other, bits);
        take(zero, bytes);
        take(one, bytes);
        free(schedule);
        free(in);
        free(delta);
    }
    show(of_columns ? "hashColumns" : "hashBlocks");
}

static void half_trees(void)
{
    for (size_t width = 1; width <= 4; width++) {
        for (size_t trees = 1; trees <= 17; trees += 4) {
            const size_t row = trees * AES_BLOCK_BYTES;
            uint8_t *const schedule = some_schedules(1), *const nodes = some(2 * width * row), *const sums = some(row);
            half_trees_grow(schedule, nodes, width, trees, sums);
            take(nodes, 2 * width * row);
            take(sums, row);
            free(schedule);
        }
    }
    show("halfTrees");
}

static void trees_of(unsigned depth, size_t columns)
{
    const size_t count = 3, strings = count * depth * AES_BLOCK_BYTES, corrected = count * (depth - 1) * 2 * AES_BLOCK_BYTES;
    const size_t table_bytes = columns * 8 << depth, sum_bytes = count * columns * 8;
    uint8_t *const schedules = some_schedules(3), *const zero = some(strings), *const one = some(strings);
    uint8_t *const corrections = some(corrected), *const table = some(table_bytes), *const sums = some(sum_bytes);
    uint8_t *const scratch = some(trees_scratch_bytes(depth, columns));
    const struct trees trees = {.left = schedules, .right = schedules + AES_SCHEDULE_BYTES, .stretch = schedules + 2 * AES_SCHEDULE_BYTES,
                                .depth = depth, .columns = columns, .count = count};
    const uint32_t holes[] = {0, (1u << depth) - 1, (uint32_t)(state >> 20) & ((1u << depth) - 1)};
    trees_take_off(&trees, zero, one, corrections, table, sums, scratch);
    trees_add_punctured(&trees, zero, corrections, holes, table, scratch);
    take(corrections, corrected);
    take(table, table_bytes);
    take(sums, sum_bytes);
    free(schedules);
    free(zero);
    free(one);
    free(scratch);
}

static void trees(void)
{
    static const unsigned DEPTHS[] = {1, 2, 3, 4, 8, 10};
    for (size_t i = 0; i < sizeof DEPTHS / sizeof *DEPTHS; i++) {
        for (size_t columns = 1; columns <= 3; columns++) trees_of(DEPTHS[i], columns);
    }
    show("trees");
}

static void slots_of(size_t cells, size_t columns)
{
    const size_t count = 3, keys = count * (cells - 1), table_bytes = cells * columns * 8, sum_bytes = count * columns * 8;
    uint8_t *const schedules = some_schedules(2), *const rows = some(keys * AES_BLOCK_BYTES), *const delta = some(AES_BLOCK_BYTES);
    uint8_t *const flips = some((keys + 7) / 8), *const table = some(table_bytes), *const sums = some(sum_bytes), *const row = some(columns * 8);
    const struct slots slots = {.hash = schedules, .stretch = schedules + AES_SCHEDULE_BYTES, .cells = cells, .columns = columns, .count = count,
                                .tweak = ((uint64_t)1 << 32) - 7};
    const uint32_t holes[] = {0, (uint32_t)cells - 1, (uint32_t)(cells / 2)};
    slots_take_off(&slots, rows, delta, flips, table, sums);
    slots_add_punctured(&slots, rows, holes, table, row);
    take(table, table_bytes);
    take(sums, sum_bytes);
    take(row, columns * 8);
    free(schedules);
    free(rows);
    free(delta);
    free(flips);
}

static void slots(void)
{
    static const size_t CELLS[] = {2, 3, 8, 9, 64, 300};
    for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
        for (size_t columns = 1; columns <= 3; columns++) slots_of(CELLS[i], columns);
    }
    show("slots");
}

static void products(void)
{
    for (size_t count = 0; count <= 9; count++) {
        const size_t rows = 3, stride = (count + 2) * ELEMENT_BYTES;
        uint8_t *const coefficients = some(count * ELEMENT_BYTES), *const matrix = some(rows * stride), *const sums = some(rows * ELEMENT_BYTES);
        add_products(coefficients, count, matrix + ELEMENT_BYTES, stride, rows, sums);
        take(sums, rows * ELEMENT_BYTES);
        free(coefficients);
        free(matrix);
    }
    show("products");
}

static void code(void)
{
    enum { WORDS = 3, BLOCKS = WORDS * CODE_WORD_BLOCKS };
    uint32_t order[BLOCKS];
    for (uint32_t i = 0; i < BLOCKS; i++) order[i] = i * 35 % BLOCKS;
    const size_t bytes = BLOCKS * CODE_BLOCK_BYTES;
    uint8_t *const from = some(bytes), *const gathered = some(bytes), *const out = some(bytes / 2), *const bits = some(BLOCKS / 8);
    code_sum(from, BLOCKS);
    code_gather(from, gathered, order, BLOCKS);
    code_fold(gathered, out, order, WORDS);
    code_take_low_bits(from, BLOCKS, bits);
    take(from, bytes);
    take(gathered, bytes);
    take(out, bytes / 2);
    take(bits, BLOCKS / 8);
    show("code");
}

int main(void)
{
    vectors();
    blocks();
    stream();
    fold();
    hash(1);
    hash(0);
    half_trees();
    trees();
    slots();
    products();
    code();
    return 0;
}
