// Products in GF(2^128) over whole arrays, by the fastest there is: the native add-on, else the array kernels. The field is that of the
// row hash (protocol-spec.md, section 10.3).
import type { NativeAes } from "@halfroom/crypto-native";
import { nativeAes } from "./aes-cipher.ts";
import { bytesOf } from "./bits.ts";
import { arrayKernels } from "./kernels/index.ts";
import { addMultiples as addPlainly } from "./kernels/field128.ts";
import type { ArrayKernels } from "./kernels/kernels.ts";

type Native = NonNullable<NativeAes["addProducts"]> | null;
const NATIVE: Native = nativeAes?.addProducts ?? null;

/** See `ArrayKernels.addProducts`. */
export const addProducts: ArrayKernels["addProducts"] =
  NATIVE === null
    ? arrayKernels.addProducts
    : (coefficients, matrix, rowWords, firstBlock, sums) =>
        NATIVE(bytesOf(coefficients), bytesOf(matrix), rowWords * 4, firstBlock * 16, bytesOf(sums));

/**
 * Adds to each block of `sums` `factor` times the same block of `blocks`: 4 words, and n x 4 words each. Without the add-on addresses
 * depend on the blocks, and never on the factor. `native`: a parameter for tests alone.
 */
export function addMultiples(
  factor: Uint32Array,
  blocks: Uint32Array,
  sums: Uint32Array,
  native: Native = NATIVE,
): void {
  if (native === null) addPlainly(factor, blocks, sums);
  else native(bytesOf(factor), bytesOf(blocks), 16, 0, bytesOf(sums));
}
