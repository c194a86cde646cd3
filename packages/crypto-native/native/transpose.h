// 128 columns of a bit matrix as 128 blocks.
#ifndef HALFROOM_TRANSPOSE_H
#define HALFROOM_TRANSPOSE_H

#include "aes.h"
#include "block.h"
#include "transfers.h"

#include <string.h>

/** Exchanges the high bits of a with the low bits of b, `shift` apart, where `mask` has ones, in lanes of 64 bits. */
static inline void swap_bits(block *a, block *b, int shift, block mask)
{
    const block swapped = (*a >> shift ^ *b) & mask;
    *b ^= swapped;
    *a ^= swapped << shift;
}

/** Transposes 128 x 128 bits in place by swapping ever smaller off-diagonal blocks. */
static inline void transpose(block *m)
{
    static const uint64_t MASKS[6] = {0x00000000ffffffffu, 0x0000ffff0000ffffu, 0x00ff00ff00ff00ffu,
                                      0x0f0f0f0f0f0f0f0fu, 0x3333333333333333u, 0x5555555555555555u};
    for (int i = 0; i < 64; i++) {
        const block a = m[i], b = m[i + 64];
        m[i] = (block){a[0], b[0]};
        m[i + 64] = (block){a[1], b[1]};
    }
    for (int stage = 0, shift = 32; shift > 0; stage++, shift >>= 1) {
        const block mask = {MASKS[stage], MASKS[stage]};
        for (int i = 0; i < TRANSFER_ROWS; i = (i + shift + 1) & ~shift) swap_bits(&m[i], &m[i + shift], shift, mask);
    }
}

/** The columns from byte `at` of the rows on; those past the rows' `bytes` are zero. */
static inline void load_columns(block *columns, const uint8_t *matrix, size_t bytes, size_t at)
{
    for (size_t row = 0; row < TRANSFER_ROWS; row++) {
        const uint8_t *from = matrix + row * bytes + at;
        if (at + AES_BLOCK_BYTES <= bytes) {
            columns[row] = load(from);
        } else {
            uint8_t rest[AES_BLOCK_BYTES] = {0};
            memcpy(rest, from, bytes - at);
            columns[row] = load(rest);
        }
    }
    transpose(columns);
}

#endif
