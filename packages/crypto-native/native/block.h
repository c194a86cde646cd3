// Blocks of 128 bits as two words, the first from the lower bytes. These are vectors as GCC and Clang know them: the same lines become SSE
// and NEON, and sums of words are modulo 2^64. What the processors name differently is in aes_rounds.h and carryless.h.
#ifndef HALFROOM_BLOCK_H
#define HALFROOM_BLOCK_H

#include <stdint.h>
#include <string.h>

typedef uint64_t block __attribute__((vector_size(16)));
/** A block in any memory. Copies by memcpy go through other registers than vectors have. */
typedef uint64_t block_anywhere __attribute__((vector_size(16), aligned(1), may_alias));

static inline block load(const uint8_t *at) { return *(const block_anywhere *)at; }

static inline void store(uint8_t *at, block x) { *(block_anywhere *)at = x; }

/** The first word alone; the second one is 0. */
static inline block load_word(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return (block){word, 0};
}

static inline void store_word(uint8_t *at, block x)
{
    const uint64_t word = x[0];
    memcpy(at, &word, sizeof word);
}

static inline block swap_words(block x) { return (block){x[1], x[0]}; }

/** One word of two, 0 in the other one's place. */
static inline block first_word(block x) { return x & (block){UINT64_MAX, 0}; }
static inline block second_word(block x) { return x & (block){0, UINT64_MAX}; }

#endif
