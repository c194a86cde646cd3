// Scalars: integers modulo the group order l = 2^252 + 27742317777372353535851937790883648493, 32 bytes each.
#ifndef HALFROOM_SCALAR_H
#define HALFROOM_SCALAR_H

#include <stddef.h>
#include <stdint.h>

/** Signed digits in radix 16: one for each 4 bits of a scalar. */
#define DIGITS 64

/** count x 64 uniform bytes modulo l. */
void scalars_reduce(uint8_t *out, const uint8_t *uniform, size_t count);

/**
 * Digits -8..8 of half the scalar, s/2 mod l, least significant first, `stride` bytes from one to the next. Any 32
 * bytes are taken, modulo l.
 */
void scalar_halve_to_digits(int8_t *digits, size_t stride, const uint8_t *scalar);

/** As `scalar_halve_to_digits`, of the scalar itself. */
void scalar_to_digits(int8_t *digits, size_t stride, const uint8_t *scalar);

/** Differences a - b c of scalars below the order, n each. */
void scalars_subtract_products(uint8_t *out, const uint8_t *a, const uint8_t *b, const uint8_t *c, size_t count);

/** Digits -128..127 of a scalar in radix 256, least significant first, 32 of them. Any 32 bytes are taken, modulo l. */
void scalar_to_signed_bytes(int8_t digits[32], const uint8_t *scalar);

#endif
