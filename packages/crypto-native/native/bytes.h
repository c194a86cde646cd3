// Words from and to little-endian bytes, and wiping.
#ifndef HALFROOM_BYTES_H
#define HALFROOM_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MASK51 (((uint64_t)1 << 51) - 1)

static inline uint64_t load64(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--) word = word << 8 | bytes[i];
    return word;
}

static inline void store64(uint8_t *bytes, uint64_t word)
{
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(word >> (8 * i));
}

static inline void load_words(uint64_t words[4], const uint8_t *bytes)
{
    for (int i = 0; i < 4; i++) words[i] = load64(bytes + 8 * i);
}

static inline void store_words(uint8_t *bytes, const uint64_t words[4])
{
    for (int i = 0; i < 4; i++) store64(bytes + 8 * i, words[i]);
}

/** The lowest 255 bits in radix 2^51. */
static inline void words_to_limbs51(uint64_t limbs[5], const uint64_t words[4])
{
    limbs[0] = words[0] & MASK51;
    limbs[1] = (words[0] >> 51 | words[1] << 13) & MASK51;
    limbs[2] = (words[1] >> 38 | words[2] << 26) & MASK51;
    limbs[3] = (words[2] >> 25 | words[3] << 39) & MASK51;
    limbs[4] = words[3] >> 12 & MASK51;
}

/** Each limb below 2^51. */
static inline void limbs51_to_words(uint64_t words[4], const uint64_t limbs[5])
{
    words[0] = limbs[0] | limbs[1] << 51;
    words[1] = limbs[1] >> 13 | limbs[2] << 38;
    words[2] = limbs[2] >> 26 | limbs[3] << 25;
    words[3] = limbs[3] >> 39 | limbs[4] << 12;
}

/** Hides a value's origin from the optimiser, which could turn a mask back into a branch. */
static inline uint64_t opaque(uint64_t value)
{
    __asm__("" : "+r"(value));
    return value;
}

/** Fills with zeros, also where the optimiser sees that nobody reads them. */
static inline void wipe(void *memory, size_t length)
{
    memset(memory, 0, length);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

#endif
