// The two inner loops of SoftSpokenOT (Roy, eprint 2022/192), each in one pass over memory that stays in the cache.
#ifndef HALFROOM_TRANSFERS_H
#define HALFROOM_TRANSFERS_H

#include <stddef.h>
#include <stdint.h>

/** Rows of the matrix: bits of a block. */
#define TRANSFER_ROWS 128

/**
 * One tree: `schedules` are 2^k AES schedules, of which number x ^ hole stands at place x. Of each stream the bytes from
 * `position` on are taken, `bytes` of them. Row b of `rows`, which are `stride` bytes apart, becomes the sum of the streams whose place has bit
 * b, `sum` the sum of all.
 */
void transfers_fold(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, size_t stride,
                    uint8_t *rows, uint8_t *sum);

/** Adds `leaf` to what `transfers_fold` made of a whole tree, as if the stream at place `hole` had been so much different. */
void transfers_add(const uint8_t *leaf, unsigned k, uint32_t hole, size_t bytes, uint8_t *rows, uint8_t *sum);

/**
 * Block j of a bit matrix of 128 rows x `bytes` bytes is its column j. h(x, i) = pi(pi(x) ^ i) ^ pi(x) with pi the AES of
 * `schedule`, i = tweak + j. `zero` gets h of the first `count` blocks, `one`, unless NULL, h of each block ^ delta; with
 * `bits` not 0 only the lowest bit of each, count / 8 bytes, else 16 bytes each.
 */
void transfers_hash(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak,
                    const uint8_t *delta, uint8_t *zero, uint8_t *one, int bits);

/** The same of `count` blocks that lie one after the other. */
void transfers_hash_blocks(const uint8_t *schedule, const uint8_t *blocks, size_t count, uint64_t tweak, const uint8_t *delta,
                           uint8_t *zero, uint8_t *one, int bits);

#endif
