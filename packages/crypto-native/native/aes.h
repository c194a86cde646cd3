// AES-128 (FIPS 197) with the processor's own instructions: blocks under one key, and counter mode.
#ifndef HALFROOM_AES_H
#define HALFROOM_AES_H

#include <stddef.h>
#include <stdint.h>

#define AES_BLOCK_BYTES 16
/** Eleven round keys. */
#define AES_SCHEDULE_BYTES (11 * AES_BLOCK_BYTES)

/** The round keys of a key of 16 bytes. */
void aes_schedule(uint8_t *schedule, const uint8_t *key);

/** out[i] = AES(in[i]); `out` and `in` may be the same. */
void aes_blocks(const uint8_t *schedule, uint8_t *out, const uint8_t *in, size_t blocks);

/** Bytes `position`, `position` + 1, ... of the stream AES(0) || AES(1) || ..., counters big-endian (NIST SP 800-38A). */
void aes_stream(const uint8_t *schedule, uint8_t *out, size_t bytes, uint64_t position);

#endif
