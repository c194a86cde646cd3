// The lowest bits of the blocks of silent transfers, which say where they differ by Delta (protocol-spec.md, section 10.9).
import { chooseEngine } from "./choose.ts";

/** See `CodeEngine`. */
export function takeLowBits(blocks: Uint32Array, bits?: Uint32Array): void {
  chooseEngine().takeLowBits(blocks, bits);
}
