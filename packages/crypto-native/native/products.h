// Sums of products in GF(2^128) = GF(2)[x] / (x^128 + x^7 + x^2 + x + 1), the field of NIST SP 800-38D; bit i of a block, counted
// from the least significant bit of its first byte, is the coefficient of x^i.
#ifndef HALFROOM_PRODUCTS_H
#define HALFROOM_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

#define ELEMENT_BYTES 16

/** sums[r] += sum of coefficients[b] * block b of row r, `count` blocks of each of `rows` rows, which are `stride` bytes apart. */
void add_products(const uint8_t *coefficients, size_t count, const uint8_t *matrix, size_t stride, size_t rows, uint8_t *sums);

#endif
