// Half-trees by AES instructions.
#include "half_trees.h"
#include "aes_rounds.h"

#include <string.h>

/** (a ^ b) || a of a || b. */
static inline block orthomorphism(block x) { return swap_words(x) ^ first_word(x); }

/** `lanes` nodes at `from`, their children at `left` and `right`. */
static inline __attribute__((always_inline)) void grow(const block *keys, const uint8_t *from, uint8_t *left, uint8_t *right,
                                                       uint8_t *sums, int lanes)
{
    block x[LANES], s[LANES], h[LANES];
    for (int i = 0; i < lanes; i++) {
        x[i] = load(from + i * AES_BLOCK_BYTES);
        h[i] = s[i] = orthomorphism(x[i]);
    }
    encrypt(keys, h, lanes);
    for (int i = 0; i < lanes; i++) {
        h[i] ^= s[i];
        store(left + i * AES_BLOCK_BYTES, h[i]);
        store(right + i * AES_BLOCK_BYTES, h[i] ^ x[i]);
        store(sums + i * AES_BLOCK_BYTES, load(sums + i * AES_BLOCK_BYTES) ^ h[i]);
    }
}

void half_trees_grow(const uint8_t *schedule, uint8_t *nodes, size_t width, size_t trees, uint8_t *sums)
{
    block keys[ROUNDS + 1];
    load_schedule(keys, schedule);
    const size_t row = trees * AES_BLOCK_BYTES;
    memset(sums, 0, row);
    // From the last row to the first: children never lie where a node is still to be read.
    for (size_t n = width; n-- > 0;) {
        const uint8_t *from = nodes + n * row;
        uint8_t *left = nodes + 2 * n * row, *right = left + row;
        size_t at = 0;
        for (; at + LANES * AES_BLOCK_BYTES <= row; at += LANES * AES_BLOCK_BYTES)
            grow(keys, from + at, left + at, right + at, sums + at, LANES);
        for (; at < row; at += AES_BLOCK_BYTES) grow(keys, from + at, left + at, right + at, sums + at, 1);
    }
}
