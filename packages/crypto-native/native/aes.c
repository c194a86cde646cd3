// AES-128 by the processor's instructions, eight blocks at a time to hide their latency.
#include "aes.h"
#include "aes_rounds.h"

#include <string.h>

typedef uint32_t words __attribute__((vector_size(AES_BLOCK_BYTES)));
typedef uint8_t octets __attribute__((vector_size(AES_BLOCK_BYTES)));

/** The last word of a round key in each column, its bytes rotated by one. */
static inline block rotated_last(words key)
{
    const octets x = (octets)key;
    return (block)(octets){x[13], x[14], x[15], x[12], x[13], x[14], x[15], x[12],
                           x[13], x[14], x[15], x[12], x[13], x[14], x[15], x[12]};
}

/** FIPS 197, section 5.2. */
void aes_schedule(uint8_t *schedule, const uint8_t *key)
{
    words k = (words)load(key);
    uint32_t constant = 1;
    store(schedule, (block)k);
    for (int round = 1; round <= ROUNDS; round++) {
        const words transformed = (words)substitute_equal(rotated_last(k), (block)(words){constant, constant, constant, constant});
        // Each word becomes the sum of those up to it, and of the transformed one.
        k ^= (words){0, k[0], k[1], k[2]};
        k ^= (words){0, 0, k[0], k[1]};
        k ^= transformed;
        store(schedule + round * AES_BLOCK_BYTES, (block)k);
        // Times x modulo x^8 + x^4 + x^3 + x + 1.
        constant = constant << 1 ^ (constant >> 7) * 0x11b;
    }
}

void aes_blocks(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks)
{
    block keys[ROUNDS + 1], x[LANES];
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
static inline block counter(uint64_t number) { return (block){0, __builtin_bswap64(number)}; }

void aes_stream(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position)
{
    block keys[ROUNDS + 1], x[LANES];
    uint8_t cut[AES_BLOCK_BYTES];
    load_schedule(keys, schedule);
    uint64_t number = position / AES_BLOCK_BYTES;
    const size_t skipped = position % AES_BLOCK_BYTES;
    if (skipped != 0 && bytes != 0) {
        const size_t rest = AES_BLOCK_BYTES - skipped;
        const size_t taken = bytes < rest ? bytes : rest;
        x[0] = counter(number++);
        encrypt(keys, x, 1);
        store(cut, x[0]);
        memcpy(out, cut + skipped, taken);
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
        store(cut, x[0]);
        memcpy(out, cut, taken);
        out += taken;
        bytes -= taken;
    }
}
