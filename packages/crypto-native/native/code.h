// The moves of the code of silent transfers (protocol-spec.md, section 10.9) on blocks of 16 bytes. Addresses follow from
// draws, which are public.
#ifndef HALFROOM_CODE_H
#define HALFROOM_CODE_H

#include <stddef.h>
#include <stdint.h>

#define CODE_BLOCK_BYTES 16
/** Blocks of a word of the short code, and of its message. */
#define CODE_WORD_BLOCKS 64
#define CODE_MESSAGE_BLOCKS 32

/**
 * Adds up blocks of `from`, as many as there are draws, to the block at `sum`, and puts each sum at the cursor of its bucket, draw & mask, in `to`,
 * which has `blocks` blocks; 0 if one would lie outside of it.
 */
int code_scatter(const uint8_t *from, uint8_t *to, size_t blocks, const uint16_t *draws, size_t count, uint32_t *cursors,
                 uint32_t mask, uint8_t *sum);

/** Fisher's and Yates' shuffle of count + 1 blocks by `count` draws. */
void code_shuffle(uint8_t *blocks, const uint64_t *draws, size_t count);

/** `words` words of 64 blocks to 32 blocks each. */
void code_fold(const uint8_t *from, uint8_t *out, size_t words);
/** The same for processors with AVX2. */
void code_fold_avx2(const uint8_t *from, uint8_t *out, size_t words);

#endif
