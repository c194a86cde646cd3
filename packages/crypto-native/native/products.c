// Products in GF(2^128) by carry-less multiplication: four of 64 bits a product, reduced once a row.
#include "products.h"
#include "carryless.h"

/** x^128 as a polynomial of lower degree. */
#define REDUCTION 0x87

/** low + middle x^64 + high x^128 in the field. */
static inline block reduce(block low, block middle, block high)
{
    const block polynomial = {REDUCTION, REDUCTION};
    middle = swap_words(middle);
    high ^= first_word(middle);
    const block top = swap_words(product_of_second(high, polynomial));
    high ^= first_word(top);
    return low ^ second_word(middle ^ top) ^ product_of_first(high, polynomial);
}

static block sum_of_products(const uint8_t *coefficients, size_t count, const uint8_t *row)
{
    block low = {0, 0}, middle = low, high = low;
    for (size_t at = 0; at < count * ELEMENT_BYTES; at += ELEMENT_BYTES) {
        const block a = load(coefficients + at), b = load(row + at);
        low ^= product_of_first(a, b);
        middle ^= cross_products(a, b);
        high ^= product_of_second(a, b);
    }
    return reduce(low, middle, high);
}

void add_products(const uint8_t *coefficients, size_t count, const uint8_t *matrix, size_t stride, size_t rows, uint8_t *sums)
{
    for (size_t row = 0; row < rows; row++) {
        uint8_t *const sum = sums + row * ELEMENT_BYTES;
        store(sum, load(sum) ^ sum_of_products(coefficients, count, matrix + row * stride));
    }
}
