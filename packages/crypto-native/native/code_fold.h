// The short code's part of code.h, two blocks at a time; for each path that is compiled.
#include "code.h"

#include <string.h>

typedef uint64_t two_blocks __attribute__((vector_size(2 * CODE_BLOCK_BYTES)));

/** Parity bit i of message bit a is 1 where i - a mod 32 is one of these: SHIFTS in crypto/src/code/engine.ts. */
static const unsigned char SHIFTS[] = {0, 2, 3, 5, 6, 7, 12, 13, 15, 17, 19};

static inline void fold_words(const uint8_t *from, uint8_t *out, size_t words)
{
    /** The upper half twice, so that no shift has to come round. */
    uint8_t parity[2 * CODE_MESSAGE_BLOCKS * CODE_BLOCK_BYTES];
    const size_t half = CODE_MESSAGE_BLOCKS * CODE_BLOCK_BYTES;
    for (size_t word = 0; word < words; word++, from += 2 * half, out += half) {
        memcpy(parity, from + half, half);
        memcpy(parity + half, from + half, half);
        for (size_t at = 0; at < half; at += sizeof(two_blocks)) {
            two_blocks sum, term;
            memcpy(&sum, from + at, sizeof sum);
            for (size_t i = 0; i < sizeof SHIFTS; i++) {
                memcpy(&term, parity + at + SHIFTS[i] * CODE_BLOCK_BYTES, sizeof term);
                sum ^= term;
            }
            memcpy(out + at, &sum, sizeof sum);
        }
    }
}
