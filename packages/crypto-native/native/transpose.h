// 128 columns of a bit matrix as 128 blocks; only for files compiled for processors with SSE4.1.
#ifndef HALFROOM_TRANSPOSE_H
#define HALFROOM_TRANSPOSE_H

#include "aes.h"
#include "transfers.h"

#include <immintrin.h>
#include <string.h>

/** Exchanges the high bits of a with the low bits of b, `shift` apart, where `mask` has ones, in lanes of 64 bits. */
static inline void swap_bits(__m128i *a, __m128i *b, int shift, __m128i mask)
{
    const __m128i swapped = _mm_and_si128(_mm_xor_si128(_mm_srli_epi64(*a, shift), *b), mask);
    *b = _mm_xor_si128(*b, swapped);
    *a = _mm_xor_si128(*a, _mm_slli_epi64(swapped, shift));
}

/** Transposes 128 x 128 bits in place by swapping ever smaller off-diagonal blocks. */
static inline void transpose(__m128i *m)
{
    static const uint64_t MASKS[6] = {0x00000000ffffffffu, 0x0000ffff0000ffffu, 0x00ff00ff00ff00ffu,
                                      0x0f0f0f0f0f0f0f0fu, 0x3333333333333333u, 0x5555555555555555u};
    for (int i = 0; i < 64; i++) {
        const __m128i a = m[i], b = m[i + 64];
        m[i] = _mm_unpacklo_epi64(a, b);
        m[i + 64] = _mm_unpackhi_epi64(a, b);
    }
    for (int stage = 0, shift = 32; shift > 0; stage++, shift >>= 1) {
        const __m128i mask = _mm_set1_epi64x((long long)MASKS[stage]);
        for (int i = 0; i < TRANSFER_ROWS; i = (i + shift + 1) & ~shift) swap_bits(&m[i], &m[i + shift], shift, mask);
    }
}

/** The columns from byte `at` of the rows on; those past the rows' `bytes` are zero. */
static inline void load_columns(__m128i *block, const uint8_t *matrix, size_t bytes, size_t at)
{
    for (size_t row = 0; row < TRANSFER_ROWS; row++) {
        const uint8_t *from = matrix + row * bytes + at;
        if (at + AES_BLOCK_BYTES <= bytes) {
            block[row] = _mm_loadu_si128((const __m128i *)from);
        } else {
            uint8_t rest[AES_BLOCK_BYTES] = {0};
            memcpy(rest, from, bytes - at);
            block[row] = _mm_loadu_si128((const __m128i *)rest);
        }
    }
    transpose(block);
}

#endif
