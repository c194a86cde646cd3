// RFC 9497, section 2.2: a proof that one secret key evaluated a whole batch, of discrete logarithms that are equal (DLEQ), made
// non-interactive by Fiat and Shamir. A false proof passes with a probability of about 2^-252 a try in the random-oracle model.
//
// One thing is added to the RFC: a digest of the whole batch in the seed of the weights. The RFC's weight of an element is a hash of the
// key, its number and its own pair alone. A holder of the key may therefore list, for each element, errors e_i G with their weights d_i,
// and look for one of each list so that sum d_i e_i = 0: the generalised birthday problem (Wagner, CRYPTO 2002), 2^31 steps for lists of
// 2^18 over the 8,192 elements of a batch. With the digest, each other error gives all elements other weights.
// Sizes: n blinded and n evaluated elements are n x 32 bytes, a proof is c and s, 64 bytes. Names are the RFC's: C are the blinded
// elements, D the evaluated ones, B the public key, M and Z their composites.
import {
  equalRows,
  hash512,
  hashToScalar,
  isZero,
  packRows,
  POINT_BYTES,
  SCALAR_BYTES,
  UNIFORM_BYTES,
  type GroupKernel,
} from "@halfroom/crypto";
import { CONTEXT, lengthPrefix, type KeyPair } from "./suite.ts";

/** Bytes of a proof: two scalars. */
export const PROOF_BYTES = 2 * SCALAR_BYTES;
/** Bytes of randomness of a proof. */
export const PROOF_RANDOM_BYTES = UNIFORM_BYTES;

const SEED_DST = Buffer.from(`Seed-${CONTEXT}`);
const HASH_TO_SCALAR = Buffer.from(`HashToScalar-${CONTEXT}`);
const COMPOSITE = Buffer.from("Composite");
const CHALLENGE = Buffer.from("Challenge");
const NOTHING = new Uint8Array(0);
const NUMBER_BYTES = 2;
/** Two bytes hold an element's number. */
const ELEMENTS_MAX = 2 ** 16;

/** M and Z, 32 bytes each. */
export interface Composites {
  readonly m: Uint8Array;
  readonly z: Uint8Array;
}

/** What binds the weights to a batch: 64 bytes. */
export function batchDigest(blinded: Uint8Array, evaluated: Uint8Array): Uint8Array {
  return hash512("oprf/batch", NOTHING, blinded, evaluated);
}

/**
 * ComputeComposites, by whoever has no key; `undefined` if an element is not valid. `digest`: `batchDigest`; tests give nothing, which
 * is the RFC's own function.
 */
export function computeComposites(
  kernel: GroupKernel,
  publicKey: Uint8Array,
  blinded: Uint8Array,
  evaluated: Uint8Array,
  digest = batchDigest(blinded, evaluated),
): Composites | undefined {
  const weights = compositeWeights(kernel, publicKey, blinded, evaluated, digest);
  const m = kernel.sumOfProducts(blinded, weights);
  const z = m && kernel.sumOfProducts(evaluated, weights);
  return z && { m, z };
}

/** ComputeCompositesFast, by the holder of the key, whose evaluated elements are right; `undefined` as above. */
export function computeCompositesFast(
  kernel: GroupKernel,
  { secretKey, publicKey }: KeyPair,
  blinded: Uint8Array,
  evaluated: Uint8Array,
  digest = batchDigest(blinded, evaluated),
): Composites | undefined {
  const weights = compositeWeights(kernel, publicKey, blinded, evaluated, digest);
  const m = kernel.sumOfProducts(blinded, weights);
  const z = m && kernel.multiplyByOne(m, secretKey);
  return z && { m, z };
}

/**
 * The random scalar of a proof, 32 bytes, from 64 bytes of randomness. Two proofs with one scalar tell the key, which outlives a
 * session by far: key and composites are hashed in, so that repeated randomness (a machine that was copied, say) repeats no
 * scalar under another challenge.
 */
export function proofScalar(
  kernel: GroupKernel,
  { secretKey, publicKey }: KeyPair,
  { m, z }: Composites,
  randomness: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const uniform = hash512("oprf/proof-scalar", NOTHING, randomness, secretKey, publicKey, m, z);
  const scalar = kernel.reduceScalars(uniform);
  uniform.fill(0);
  return scalar;
}

/** GenerateProof with the random scalar `r` over composites that are made: 64 bytes. RangeError if `r` is zero. */
export function generateProof(
  kernel: GroupKernel,
  { secretKey, publicKey }: KeyPair,
  composites: Composites,
  r: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const t2 = kernel.multiplyBase(r);
  const t3 = kernel.multiplyByOne(composites.m, r)!;
  const c = challenge(kernel, publicKey, composites, t2, t3);
  const proof = new Uint8Array(PROOF_BYTES);
  proof.set(c);
  proof.set(kernel.subtractProducts(r, c, secretKey), SCALAR_BYTES);
  return proof;
}

/** VerifyProof over composites that are made: whether c and s are scalars and the proof holds under the public key. */
export function verifyProof(
  kernel: GroupKernel,
  publicKey: Uint8Array,
  composites: Composites,
  proof: Uint8Array,
): boolean {
  if (proof.length !== PROOF_BYTES) return false;
  const [c, s] = [proof.subarray(0, SCALAR_BYTES), proof.subarray(SCALAR_BYTES)];
  // An honest proof has a zero with a probability of 2^-251.
  if (!isReduced(kernel, c) || !isReduced(kernel, s) || isZero(c) || isZero(s)) return false;
  const { m, z } = composites;
  const ofS = kernel.multiplyByOne(m, s);
  const ofC = kernel.multiplyByOne(Buffer.concat([publicKey, z]), c);
  if (!ofS || !ofC) return false;
  const t = kernel.add(Buffer.concat([kernel.multiplyBase(s), ofS]), ofC);
  if (!t) return false;
  const expected = challenge(
    kernel,
    publicKey,
    composites,
    t.subarray(0, POINT_BYTES),
    t.subarray(POINT_BYTES),
  );
  return Buffer.compare(expected, c) === 0;
}

/** Whether a scalar is below the group order. */
function isReduced(kernel: GroupKernel, scalar: Uint8Array): boolean {
  const wide = new Uint8Array(UNIFORM_BYTES);
  wide.set(scalar);
  return Buffer.compare(kernel.reduceScalars(wide), scalar) === 0;
}

/** d_i of ComputeComposites, n x 32 bytes: a hash of the public key, `digest` and both elements each. */
export function compositeWeights(
  kernel: GroupKernel,
  publicKey: Uint8Array,
  blinded: Uint8Array,
  evaluated: Uint8Array,
  digest: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const count = blinded.length / POINT_BYTES;
  if (evaluated.length !== blinded.length) throw new RangeError("not one evaluated element a blinded one");
  if (count > ELEMENTS_MAX) throw new RangeError(`a proof is over at most ${ELEMENTS_MAX} elements`);
  const seedTranscript = Buffer.concat([withLength(publicKey), withLength(SEED_DST), digest]);
  const seed = kernel.hashRows(NOTHING, packRows([seedTranscript]), NOTHING);
  const template = Buffer.concat([
    withLength(seed),
    Buffer.alloc(NUMBER_BYTES),
    withLength(new Uint8Array(POINT_BYTES)),
    withLength(new Uint8Array(POINT_BYTES)),
    COMPOSITE,
  ]);
  const numberAt = NUMBER_BYTES + seed.length;
  const blindedAt = numberAt + NUMBER_BYTES + NUMBER_BYTES;
  const evaluatedAt = blindedAt + POINT_BYTES + NUMBER_BYTES;
  const rows = new Uint8Array(count * template.length);
  for (let i = 0, row = 0; i < count; i++, row += template.length) {
    rows.set(template, row);
    rows[row + numberAt] = i >> 8;
    rows[row + numberAt + 1] = i;
    // For so few bytes a loop is faster than a view.
    for (let byte = 0; byte < POINT_BYTES; byte++) {
      rows[row + blindedAt + byte] = blinded[i * POINT_BYTES + byte]!;
      rows[row + evaluatedAt + byte] = evaluated[i * POINT_BYTES + byte]!;
    }
  }
  return hashToScalar(kernel, equalRows(rows, template.length), HASH_TO_SCALAR);
}

/** The challenge of GenerateProof and VerifyProof. */
function challenge(
  kernel: GroupKernel,
  publicKey: Uint8Array,
  { m, z }: Composites,
  t2: Uint8Array,
  t3: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const transcript = Buffer.concat([...[publicKey, m, z, t2, t3].map(withLength), CHALLENGE]);
  return hashToScalar(kernel, packRows([transcript]), HASH_TO_SCALAR);
}

/** I2OSP(length, 2) and the bytes. */
function withLength(bytes: Uint8Array): Buffer {
  return Buffer.concat([lengthPrefix(bytes.length), bytes]);
}
