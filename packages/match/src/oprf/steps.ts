// RFC 9497, mode VOPRF (0x01), suite ristretto255-SHA512: the functions of sections 3.2 and 3.3.2, in batches; proofs are beside.
// Sizes: n points and n scalars are n x 32 bytes, n outputs n x 64. Names are the RFC's: the client is our receiver.
//
// The client blinds by a sum, H(x) + r G, where the RFC has the product r H(x), and unblinds by a difference, with the server's public key
// K = k G: k (H(x) + r G) - r K = k H(x). The server's work and the outputs are the RFC's, and multiples of a point that is known
// beforehand take half of the time. It needs a K that is the server's own, which the agreement states, and a proof that K's
// key was used (protocol-spec.md, section 9; Jarecki, Krawczyk and Xu, eprint 2021/273).
import {
  expandMessages,
  GENERATOR,
  hashToScalar,
  isZero,
  longestRow,
  packRows,
  POINT_BYTES,
  randomScalars,
  rowCount,
} from "@halfroom/crypto";
import { CONTEXT, LENGTH_BYTES, lengthPrefix, type KeyPair } from "./suite.ts";
import type { ByteRows, GroupKernel, Rng } from "@halfroom/crypto";

/** Bytes of one output, a pseudonym. */
export const OUTPUT_BYTES = 64;
/** Longest private input: its length goes into two bytes. */
const INPUT_BYTES_MAX = 0xffff;

const HASH_TO_GROUP = Buffer.from(`HashToGroup-${CONTEXT}`);
const DERIVE_KEY_PAIR = Buffer.from(`DeriveKeyPair${CONTEXT}`);
const FINALIZE = Buffer.from("Finalize");
const NOTHING = new Uint8Array(0);

/** A fresh secret key: 32 bytes, a scalar other than zero. */
export function generateKey(kernel: GroupKernel, rng: Rng): Uint8Array<ArrayBuffer> {
  return randomScalars(kernel, rng, 1);
}

/** The public key of a secret key: a point, 32 bytes. */
export function derivePublicKey(kernel: GroupKernel, secretKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return kernel.multiplyBase(secretKey);
}

/** DeriveKeyPair, section 3.2.1: a pair that follows from a 32-byte seed and public `info`. */
export function deriveKeyPair(kernel: GroupKernel, seed: Uint8Array, info: Uint8Array): KeyPair {
  const input = Buffer.concat([seed, lengthPrefix(info.length), info]);
  for (let counter = 0; counter <= 0xff; counter++) {
    const message = packRows([Buffer.concat([input, Buffer.from([counter])])]);
    const secretKey = hashToScalar(kernel, message, DERIVE_KEY_PAIR);
    if (!isZero(secretKey)) return { secretKey, publicKey: derivePublicKey(kernel, secretKey) };
  }
  throw new RangeError("no key follows from this seed");
}

/**
 * Blind: hashes each input to the group and adds the generator's multiple by its own blind, a uniform scalar. The inputs are at most 65,535
 * bytes long (RangeError). `undefined` if a sum is the identity, which nobody can find.
 */
export function blind(
  kernel: GroupKernel,
  inputs: ByteRows,
  blinds: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  assertLengths(inputs);
  return kernel.mapAndAddMultiples(expandMessages(kernel, inputs, HASH_TO_GROUP), GENERATOR, blinds);
}

/** BlindEvaluate: `undefined` if an element of the client is not valid. */
export function blindEvaluate(
  kernel: GroupKernel,
  secretKey: Uint8Array,
  blindedElements: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  return kernel.multiplyByOne(blindedElements, secretKey);
}

/**
 * Finalize: the outputs, n x 64 bytes; `undefined` if an element of the server is not valid. Only for elements that the server has proved
 * to be those of `publicKey`.
 */
export function finalize(
  kernel: GroupKernel,
  inputs: ByteRows,
  blinds: Uint8Array,
  evaluatedElements: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const issuedElements = kernel.subtractMultiples(evaluatedElements, publicKey, blinds);
  return issuedElements && hashOutputs(kernel, inputs, issuedElements);
}

/** Evaluate: the same outputs, computed by the holder of the key. */
export function evaluate(
  kernel: GroupKernel,
  secretKey: Uint8Array,
  inputs: ByteRows,
): Uint8Array<ArrayBuffer> | undefined {
  assertLengths(inputs);
  const issuedElements = kernel.mapAndMultiplyByOne(expandMessages(kernel, inputs, HASH_TO_GROUP), secretKey);
  return issuedElements && hashOutputs(kernel, inputs, issuedElements);
}

/** Each output: SHA-512 of length and input, length and element, "Finalize". */
function hashOutputs(
  kernel: GroupKernel,
  inputs: ByteRows,
  issuedElements: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const count = rowCount(inputs);
  const headers = LENGTH_BYTES + LENGTH_BYTES + POINT_BYTES;
  const offsets = new Uint32Array(count + 1);
  const bytes = new Uint8Array(inputs.offsets[count]! - inputs.offsets[0]! + count * headers);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const [start, stop] = [inputs.offsets[i]!, inputs.offsets[i + 1]!];
    end = putLength(bytes, end, stop - start);
    end = putBytes(bytes, end, inputs.bytes, start, stop);
    end = putLength(bytes, end, POINT_BYTES);
    end = putBytes(bytes, end, issuedElements, i * POINT_BYTES, (i + 1) * POINT_BYTES);
    offsets[i + 1] = end;
  }
  const outputs = kernel.hashRows(NOTHING, { bytes, offsets }, FINALIZE);
  bytes.fill(0);
  return outputs;
}

/** Writes I2OSP(length, 2) and returns where it ends. */
function putLength(bytes: Uint8Array, at: number, length: number): number {
  bytes[at] = length >> 8;
  bytes[at + 1] = length;
  return at + LENGTH_BYTES;
}

/** Copies source[start .. stop) and returns where it ends: for short pieces faster than a view of them. */
function putBytes(bytes: Uint8Array, at: number, source: Uint8Array, start: number, stop: number): number {
  for (let i = start; i < stop; i++) bytes[at++] = source[i]!;
  return at;
}

function assertLengths(inputs: ByteRows): void {
  if (longestRow(inputs) > INPUT_BYTES_MAX) {
    throw new RangeError(`an input of the OPRF has at most ${INPUT_BYTES_MAX} bytes`);
  }
}
