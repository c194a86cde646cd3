#define FOLD_BLOCKS 1

#include "block.h"
#include "code_fold.h"

int code_places_fit(const uint32_t *order, size_t count, size_t blocks)
{
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) last = order[i] > last ? order[i] : last;
    return count == 0 || last < blocks;
}

void code_sum(uint8_t *data, size_t blocks)
{
    block total = {0, 0};
    for (size_t i = 0; i < blocks; i++, data += CODE_BLOCK_BYTES) {
        total ^= load(data);
        store(data, total);
    }
}

void code_gather(const uint8_t *from, uint8_t *to, const uint32_t *order, size_t count)
{
    block total = {0, 0};
    for (size_t i = 0; i < count; i++, to += CODE_BLOCK_BYTES) {
        total ^= load(from + (size_t)order[i] * CODE_BLOCK_BYTES);
        store(to, total);
    }
}

void code_fold(const uint8_t *from, uint8_t *out, const uint32_t *order, size_t words) { fold_words(from, out, order, words); }

void code_take_low_bits(uint8_t *data, size_t blocks, uint8_t *bits)
{
    for (size_t first = 0; first < blocks; first += 8) {
        const size_t count = blocks - first < 8 ? blocks - first : 8;
        unsigned taken = 0;
        for (size_t i = 0; i < count; i++) {
            uint8_t *const lowest = data + (first + i) * CODE_BLOCK_BYTES;
            taken |= (*lowest & 1u) << i;
            *lowest &= 0xfe;
        }
        if (bits != NULL) bits[first / 8] = (uint8_t)taken;
    }
}
