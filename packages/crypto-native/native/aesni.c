// AES-128 for x86-64 processors with AES instructions, eight blocks at a time to hide their latency.
#include "aes.h"
#include "aes_rounds.h"

#include <string.h>

/** The next round key: the words of this one added up from the left, and the transformed last word added to each. */
static __m128i next_key(__m128i key, __m128i assisted)
{
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, _mm_shuffle_epi32(assisted, 0xff));
}

void aes_schedule(uint8_t *schedule, const uint8_t *key)
{
    __m128i k = load(key);
    store(schedule, k);
#define ROUND(number, constant)                                  \
    k = next_key(k, _mm_aeskeygenassist_si128(k, constant));     \
    store(schedule + (number) * AES_BLOCK_BYTES, k)
    ROUND(1, 0x01);
    ROUND(2, 0x02);
    ROUND(3, 0x04);
    ROUND(4, 0x08);
    ROUND(5, 0x10);
    ROUND(6, 0x20);
    ROUND(7, 0x40);
    ROUND(8, 0x80);
    ROUND(9, 0x1b);
    ROUND(10, 0x36);
#undef ROUND
}

void aes_blocks(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks)
{
    __m128i keys[ROUNDS + 1], x[LANES];
    load_schedule(keys, schedule);
    size_t done = 0;
    for (; done + LANES <= blocks; done += LANES) {
        for (int i = 0; i < LANES; i++) x[i] = load(in + (done + i) * AES_BLOCK_BYTES);
        encrypt(keys, x, LANES);
        for (int i = 0; i < LANES; i++) store(out + (done + i) * AES_BLOCK_BYTES, x[i]);
    }
    for (; done < blocks; done++) {
        x[0] = load(in + done * AES_BLOCK_BYTES);
        encrypt(keys, x, 1);
        store(out + done * AES_BLOCK_BYTES, x[0]);
    }
}

/** The counter block of number `number`. */
static inline __m128i counter(uint64_t number) { return _mm_set_epi64x((long long)__builtin_bswap64(number), 0); }

void aes_stream(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position)
{
    __m128i keys[ROUNDS + 1], x[LANES];
    uint8_t block[AES_BLOCK_BYTES];
    load_schedule(keys, schedule);
    uint64_t number = position / AES_BLOCK_BYTES;
    const size_t skipped = position % AES_BLOCK_BYTES;
    if (skipped != 0 && bytes != 0) {
        const size_t rest = AES_BLOCK_BYTES - skipped;
        const size_t taken = bytes < rest ? bytes : rest;
        x[0] = counter(number++);
        encrypt(keys, x, 1);
        store(block, x[0]);
        memcpy(out, block + skipped, taken);
        out += taken;
        bytes -= taken;
    }
    for (; bytes >= LANES * AES_BLOCK_BYTES; bytes -= LANES * AES_BLOCK_BYTES, out += LANES * AES_BLOCK_BYTES) {
        for (int i = 0; i < LANES; i++) x[i] = counter(number++);
        encrypt(keys, x, LANES);
        for (int i = 0; i < LANES; i++) store(out + i * AES_BLOCK_BYTES, x[i]);
    }
    while (bytes != 0) {
        const size_t taken = bytes < AES_BLOCK_BYTES ? bytes : AES_BLOCK_BYTES;
        x[0] = counter(number++);
        encrypt(keys, x, 1);
        store(block, x[0]);
        memcpy(out, block, taken);
        out += taken;
        bytes -= taken;
    }
}
