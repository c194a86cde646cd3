// Products in GF(2^128) for x86-64 processors with carry-less multiplication (PCLMULQDQ): four of 64 bits a product, reduced once
// a row.
#include "products.h"

#include <immintrin.h>

/** x^128 as a polynomial of lower degree. */
#define REDUCTION 0x87

static inline __m128i load(const uint8_t *at) { return _mm_loadu_si128((const __m128i *)at); }

/** low + high x^128 in the field. */
static inline __m128i reduce(__m128i low, __m128i high)
{
    const __m128i polynomial = _mm_set_epi64x(0, REDUCTION);
    const __m128i top = _mm_clmulepi64_si128(high, polynomial, 0x01);
    low = _mm_xor_si128(low, _mm_slli_si128(top, 8));
    high = _mm_xor_si128(high, _mm_srli_si128(top, 8));
    return _mm_xor_si128(low, _mm_clmulepi64_si128(high, polynomial, 0x00));
}

static __m128i sum_of_products(const uint8_t *coefficients, size_t count, const uint8_t *row)
{
    __m128i low = _mm_setzero_si128(), high = low, cross = low, crossed = low;
    for (size_t at = 0; at < count * ELEMENT_BYTES; at += ELEMENT_BYTES) {
        const __m128i a = load(coefficients + at), b = load(row + at);
        low = _mm_xor_si128(low, _mm_clmulepi64_si128(a, b, 0x00));
        cross = _mm_xor_si128(cross, _mm_clmulepi64_si128(a, b, 0x01));
        crossed = _mm_xor_si128(crossed, _mm_clmulepi64_si128(a, b, 0x10));
        high = _mm_xor_si128(high, _mm_clmulepi64_si128(a, b, 0x11));
    }
    cross = _mm_xor_si128(cross, crossed);
    return reduce(_mm_xor_si128(low, _mm_slli_si128(cross, 8)), _mm_xor_si128(high, _mm_srli_si128(cross, 8)));
}

void add_products(const uint8_t *coefficients, size_t count, const uint8_t *matrix, size_t stride, size_t rows, uint8_t *sums)
{
    for (size_t row = 0; row < rows; row++) {
        uint8_t *sum = sums + row * ELEMENT_BYTES;
        const __m128i total = _mm_xor_si128(load(sum), sum_of_products(coefficients, count, matrix + row * stride));
        _mm_storeu_si128((__m128i *)sum, total);
    }
}
