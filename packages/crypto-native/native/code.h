// The moves of the code of silent transfers (protocol-spec.md, section 10.9) on blocks of 16 bytes. Addresses follow from
// permutations, which are public.
#ifndef HALFROOM_CODE_H
#define HALFROOM_CODE_H

#include <stddef.h>
#include <stdint.h>

#define CODE_BLOCK_BYTES 16
/** Blocks of a word of the short code, and of its message. */
#define CODE_WORD_BLOCKS 64
#define CODE_MESSAGE_BLOCKS 32

/** Whether each of `count` places is below `blocks`. */
int code_places_fit(const uint32_t *order, size_t count, size_t blocks);

/** Puts the sum of all blocks up to it in each block's place. */
void code_sum(uint8_t *data, size_t blocks);

/** Puts the sum of the blocks of `from` at order[0] .. order[i] in place i of `to`. */
void code_gather(const uint8_t *from, uint8_t *to, const uint32_t *order, size_t count);

/** The blocks of `from` in the order of `order`, `words` words of 64 blocks, to 32 blocks each. */
void code_fold(const uint8_t *from, uint8_t *out, const uint32_t *order, size_t words);
/** The same for processors with AVX2. */
void code_fold_avx2(const uint8_t *from, uint8_t *out, const uint32_t *order, size_t words);

/** Clears the lowest bit of each block. `bits` gets them, (blocks + 7) / 8 bytes, unless it is NULL. */
void code_take_low_bits(uint8_t *data, size_t blocks, uint8_t *bits);

#endif
