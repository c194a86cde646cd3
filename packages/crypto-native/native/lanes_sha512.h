// SHA-512 (FIPS 180-4, section 6.4) of many strings, LANES at a time: the hash of the suite ristretto255-SHA512.
// Number and addresses of the steps depend on the strings' lengths only.
#ifndef HALFROOM_LANES_SHA512_H
#define HALFROOM_LANES_SHA512_H

#include "path.h"

#define BLOCK_BYTES 128
#define BLOCK_WORDS 16
#define DIGEST_BYTES 64
#define ROUNDS 80

/** One 64-bit word a lane. */
#if LANES == 1
typedef uint64_t words;
#else
typedef uint64_t words __attribute__((vector_size(8 * LANES)));
#endif

/** Section 5.3.5 */
static const uint64_t INITIAL[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

/** Section 4.2.3 */
static const uint64_t ROUND_CONSTANTS[ROUNDS] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

#define ROTATE(x, n) ((x) >> (n) | (x) << (64 - (n)))

/** One block in each lane into the state. */
static void compress_blocks(words state[8], const uint64_t block[BLOCK_WORDS][LANES])
{
    words w[BLOCK_WORDS];
    memcpy(w, block, sizeof w);
    words a = state[0], b = state[1], c = state[2], d = state[3];
    words e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < ROUNDS; t++) {
        const words next = w[t % BLOCK_WORDS];
        const words first = h + (ROTATE(e, 14) ^ ROTATE(e, 18) ^ ROTATE(e, 41)) + (g ^ (e & (f ^ g))) + ROUND_CONSTANTS[t] + next;
        const words second = (ROTATE(a, 28) ^ ROTATE(a, 34) ^ ROTATE(a, 39)) + ((a & b) | (c & (a | b)));
        const words w1 = w[(t + 1) % BLOCK_WORDS], w14 = w[(t + 14) % BLOCK_WORDS];
        w[t % BLOCK_WORDS] = next + w[(t + 9) % BLOCK_WORDS] + (ROTATE(w1, 1) ^ ROTATE(w1, 8) ^ w1 >> 7) +
                             (ROTATE(w14, 19) ^ ROTATE(w14, 61) ^ w14 >> 6);
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

/** The part of a message that is in the block from `start`: copies what of `piece`, which begins at `*at`, is there. */
static void copy_piece(uint8_t block[BLOCK_BYTES], size_t start, size_t *at, const uint8_t *piece, size_t length)
{
    const size_t begin = *at > start ? *at : start;
    const size_t end = *at + length < start + BLOCK_BYTES ? *at + length : start + BLOCK_BYTES;
    if (begin < end) memcpy(block + (begin - start), piece + (begin - *at), end - begin);
    *at += length;
}

/** Blocks of a message of `length` bytes with its padding: 0x80, zeros, and the length in 16 bytes. */
static size_t block_count(size_t length) { return (length + 17 + BLOCK_BYTES - 1) / BLOCK_BYTES; }

/** Block `index` of prefix, row and suffix, padded, into one lane. */
static void fill_lane(uint64_t block[BLOCK_WORDS][LANES], int lane, const struct hashed_rows *rows, size_t row, size_t index)
{
    static const uint8_t END = 0x80;
    uint8_t bytes[BLOCK_BYTES] = {0};
    size_t at = 0;
    const size_t start = index * BLOCK_BYTES;
    copy_piece(bytes, start, &at, rows->prefix, rows->prefix_length);
    copy_piece(bytes, start, &at, rows->bytes + rows->offsets[row], rows->offsets[row + 1] - rows->offsets[row]);
    copy_piece(bytes, start, &at, rows->suffix, rows->suffix_length);
    const size_t length = at;
    copy_piece(bytes, start, &at, &END, 1);
    for (int t = 0; t < BLOCK_WORDS; t++) block[t][lane] = __builtin_bswap64(load64(bytes + 8 * t));
    if (index + 1 == block_count(length)) block[BLOCK_WORDS - 1][lane] = (uint64_t)length * 8;
}

static size_t row_blocks(const struct hashed_rows *rows, size_t row)
{
    return block_count(rows->prefix_length + (rows->offsets[row + 1] - rows->offsets[row]) + rows->suffix_length);
}

/** Digests of `count` rows from `first`, at most LANES. A lane gives its digest after its own last block. */
static void hash_group(uint8_t *out, const struct hashed_rows *rows, size_t first, size_t count)
{
    words state[8];
    uint64_t block[BLOCK_WORDS][LANES] = {{0}};
    size_t blocks[LANES], most = 0;
    for (int i = 0; i < 8; i++) state[i] = INITIAL[i] + (words){0};
    for (size_t lane = 0; lane < count; lane++) {
        blocks[lane] = row_blocks(rows, first + lane);
        if (blocks[lane] > most) most = blocks[lane];
    }
    for (size_t index = 0; index < most; index++) {
        for (size_t lane = 0; lane < count; lane++) {
            if (index < blocks[lane]) fill_lane(block, (int)lane, rows, first + lane, index);
        }
        compress_blocks(state, block);
        uint64_t lanes[8][LANES];
        memcpy(lanes, state, sizeof lanes);
        for (size_t lane = 0; lane < count; lane++) {
            if (index + 1 != blocks[lane]) continue;
            for (int i = 0; i < 8; i++) store64(out + lane * DIGEST_BYTES + 8 * i, __builtin_bswap64(lanes[i][lane]));
        }
    }
}

static void hash_rows(uint8_t *out, const struct hashed_rows *rows)
{
    for (size_t first = 0; first < rows->count; first += LANES) {
        const size_t left = rows->count - first;
        hash_group(out + first * DIGEST_BYTES, rows, first, left < LANES ? left : LANES);
    }
}

#endif
