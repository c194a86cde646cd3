// The short code's part of code.h; for each path that is compiled, which defines FOLD_BLOCKS: the blocks that a register takes.
#include "code.h"

#include <string.h>

typedef uint64_t fold_blocks __attribute__((vector_size(FOLD_BLOCKS * CODE_BLOCK_BYTES), aligned(1), may_alias));

/** Parity bit i of message bit a is 1 where i - a mod 32 is one of these: SHIFTS in crypto/src/code/engine.ts. */
static const unsigned char SHIFTS[] = {0, 2, 3, 5, 6, 7, 12, 13, 15, 17, 19};

static inline void fold_words(const uint8_t *from, uint8_t *out, const uint32_t *order, size_t words)
{
    const size_t half = CODE_MESSAGE_BLOCKS * CODE_BLOCK_BYTES;
    /** A word, and its upper half once more, so that no shift has to come round. */
    uint8_t word[3 * CODE_MESSAGE_BLOCKS * CODE_BLOCK_BYTES];
    for (size_t n = 0; n < words; n++, order += CODE_WORD_BLOCKS, out += half) {
        for (size_t i = 0; i < CODE_WORD_BLOCKS; i++)
            memcpy(word + i * CODE_BLOCK_BYTES, from + (size_t)order[i] * CODE_BLOCK_BYTES, CODE_BLOCK_BYTES);
        memcpy(word + 2 * half, word + half, half);
        for (size_t at = 0; at < half; at += sizeof(fold_blocks)) {
            fold_blocks sum = *(const fold_blocks *)(word + at);
            for (size_t i = 0; i < sizeof SHIFTS; i++) sum ^= *(const fold_blocks *)(word + half + at + SHIFTS[i] * CODE_BLOCK_BYTES);
            *(fold_blocks *)(out + at) = sum;
        }
    }
}
