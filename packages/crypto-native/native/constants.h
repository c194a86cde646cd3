// Constants of RFC 9496, section 4.1, and of the curve, as four words of 64 bits, least significant first.
#ifndef HALFROOM_CONSTANTS_H
#define HALFROOM_CONSTANTS_H

#include <stdint.h>

#define ENCODING_BYTES 32
#define SCALAR_BYTES 32
#define UNIFORM_BYTES 64

static const uint64_t ONE[4] = {1, 0, 0, 0};

/** d = -121665/121666: the curve is -x^2 + y^2 = 1 + d x^2 y^2. */
static const uint64_t D[4] = {
    0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73};
static const uint64_t TWO_D[4] = {
    0xebd69b9426b2f159, 0x00e0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7};
static const uint64_t SQRT_M1[4] = {
    0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b};
static const uint64_t SQRT_AD_MINUS_ONE[4] = {
    0x7e97f6a0497b2e1b, 0xaf9d8e0c1b7854bd, 0x0f3cfcc931f5d1fd, 0x376931bf2b8348ac};
static const uint64_t INVSQRT_A_MINUS_D[4] = {
    0x99c8fdaa805d40ea, 0x9d2f16175a4172be, 0x16c27b91fe01d840, 0x786c8905cfaffca2};
static const uint64_t ONE_MINUS_D_SQ[4] = {
    0xe27c09c1945fc176, 0x2c81a138cd5e350f, 0x9994abddbe70dfe4, 0x029072a8b2b3e0d7};
static const uint64_t D_MINUS_ONE_SQ[4] = {
    0x31ad5aaa44ed4d20, 0xd29e4a2cb01e1999, 0x4cdcd32f529b4eeb, 0x5968b37af66c2241};

/** The generator's encoding: RFC 9496, A.1, B[1]. */
static const uint8_t GENERATOR[ENCODING_BYTES] = {
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
    0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76};

#endif
