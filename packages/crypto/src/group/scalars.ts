// Random scalars (RFC 9497, section 4.7.2): reduced from enough bytes that no scalar is noticeably likelier than another.
import { SCALAR_BYTES, UNIFORM_BYTES } from "./kernel.ts";
import type { GroupKernel } from "./kernel.ts";
import type { Rng } from "../rng.ts";

/** Draws `count` scalars, none of them zero: count x 32 bytes. */
export function randomScalars(kernel: GroupKernel, rng: Rng, count: number): Uint8Array<ArrayBuffer> {
  const scalars = drawScalars(kernel, rng, count);
  for (let start = 0; start < scalars.length; start += SCALAR_BYTES) {
    // Almost never, and a view of every scalar would cost more than the test.
    if (scalars[start] !== 0) continue;
    const scalar = scalars.subarray(start, start + SCALAR_BYTES);
    while (isZero(scalar)) scalar.set(drawScalars(kernel, rng, 1));
  }
  return scalars;
}

function drawScalars(kernel: GroupKernel, rng: Rng, count: number): Uint8Array<ArrayBuffer> {
  const uniform = rng.bytes(count * UNIFORM_BYTES);
  const scalars = kernel.reduceScalars(uniform);
  uniform.fill(0);
  return scalars;
}

/** Whether a scalar is zero. */
export function isZero(scalar: Uint8Array): boolean {
  return scalar.every((byte) => byte === 0);
}
