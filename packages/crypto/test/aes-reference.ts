// AES-128 and its counter mode a second time, written from FIPS 197 and SP 800-38A: slow, a byte at a time.

/** Multiplication by x in GF(2^8), modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2). */
function timesX(byte: number): number {
  return ((byte << 1) ^ (byte & 0x80 ? 0x11b : 0)) & 0xff;
}

function times(a: number, b: number): number {
  let product = 0;
  for (let factor = a, bits = b; bits > 0; bits >>>= 1, factor = timesX(factor))
    if (bits & 1) product ^= factor;
  return product;
}

/** Section 5.1.1: the inverse, 0 for 0, then an affine map. */
const S_BOX = Array.from({ length: 256 }, (_, byte) => {
  let inverse = 0;
  for (let candidate = 1; candidate < 256; candidate++) if (times(byte, candidate) === 1) inverse = candidate;
  let mapped = 0x63;
  for (let turn = 0; turn < 5; turn++) mapped ^= ((inverse << turn) | (inverse >>> (8 - turn))) & 0xff;
  return mapped;
});

/** Section 5.2: eleven round keys of 16 bytes. */
function expandKey(key: Uint8Array): Uint8Array {
  const keys = new Uint8Array(176);
  keys.set(key);
  for (let word = 4, constant = 1; word < 44; word++) {
    let last = [...keys.subarray(word * 4 - 4, word * 4)];
    if (word % 4 === 0) {
      last = [1, 2, 3, 0].map((i) => S_BOX[last[i]!]!);
      last[0]! ^= constant;
      constant = timesX(constant);
    }
    for (let i = 0; i < 4; i++) keys[word * 4 + i] = keys[word * 4 - 16 + i]! ^ last[i]!;
  }
  return keys;
}

const addKey = (state: Uint8Array, keys: Uint8Array, round: number) =>
  state.map((byte, i) => byte ^ keys[round * 16 + i]!);

/** SubBytes and ShiftRows: byte 4 c + r is row r of column c. */
const substituteAndShift = (state: Uint8Array) => state.map((_, i) => S_BOX[state[(i + 4 * (i % 4)) % 16]!]!);

function mixColumns(state: Uint8Array): Uint8Array {
  return state.map((_, i) => {
    const column = i - (i % 4);
    const at = (row: number) => state[column + ((i + row) % 4)]!;
    return times(at(0), 2) ^ times(at(1), 3) ^ at(2) ^ at(3);
  });
}

/** One block of 16 bytes under a key of 16 bytes. */
export function aes128(key: Uint8Array, block: Uint8Array): Uint8Array {
  const keys = expandKey(key);
  let state = addKey(new Uint8Array(block), keys, 0);
  for (let round = 1; round < 10; round++) state = addKey(mixColumns(substituteAndShift(state)), keys, round);
  return addKey(substituteAndShift(state), keys, 10);
}

/** SP 800-38A, section 6.5: `length` bytes of the key stream; the counter is the whole block, big-endian. */
export function counterStream(key: Uint8Array, start: bigint, length: number): Uint8Array {
  const stream = new Uint8Array(length);
  for (let at = 0, counter = start; at < length; at += 16, counter++) {
    const block = Buffer.from(BigInt.asUintN(128, counter).toString(16).padStart(32, "0"), "hex");
    stream.set(aes128(key, block).subarray(0, length - at), at);
  }
  return stream;
}
