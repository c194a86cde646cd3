// AES-128 four blocks to a register, for x86-64 processors with VAES and AVX-512; the same results as aes.h and transfers.h.
#ifndef HALFROOM_WIDE_H
#define HALFROOM_WIDE_H

#include <stddef.h>
#include <stdint.h>

/** As `aes_blocks`. */
void wide_blocks(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks);
/** As `aes_stream`. */
void wide_stream(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position);
/** As `transfers_fold`. */
void wide_fold(const uint8_t *schedules, unsigned k, uint32_t hole, uint64_t position, size_t bytes, size_t stride, uint8_t *rows,
               uint8_t *sum);
/** As `transfers_hash`. */
void wide_hash(const uint8_t *schedule, const uint8_t *matrix, size_t bytes, size_t count, uint64_t tweak, const uint8_t *delta,
               uint8_t *zero, uint8_t *one, int bits);

#endif
