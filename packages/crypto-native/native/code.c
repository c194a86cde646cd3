#include "code_fold.h"

typedef uint64_t block __attribute__((vector_size(CODE_BLOCK_BYTES)));

static inline block load_block(const uint8_t *at)
{
    block r;
    memcpy(&r, at, sizeof r);
    return r;
}

static inline void store_block(uint8_t *at, block value) { memcpy(at, &value, sizeof value); }

int code_scatter(const uint8_t *from, uint8_t *to, size_t blocks, const uint16_t *draws, size_t count, uint32_t *cursors,
                 uint32_t mask, uint8_t *sum)
{
    block total = load_block(sum);
    for (size_t i = 0; i < count; i++) {
        total ^= load_block(from + i * CODE_BLOCK_BYTES);
        const size_t place = cursors[draws[i] & mask]++;
        if (place >= blocks) return 0;
        store_block(to + place * CODE_BLOCK_BYTES, total);
    }
    store_block(sum, total);
    return 1;
}

void code_shuffle(uint8_t *blocks, const uint64_t *draws, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        const size_t other = (size_t)((unsigned __int128)draws[count - i] * (i + 1) >> 64);
        const block last = load_block(blocks + i * CODE_BLOCK_BYTES);
        store_block(blocks + i * CODE_BLOCK_BYTES, load_block(blocks + other * CODE_BLOCK_BYTES));
        store_block(blocks + other * CODE_BLOCK_BYTES, last);
    }
}

void code_fold(const uint8_t *from, uint8_t *out, size_t words) { fold_words(from, out, words); }
