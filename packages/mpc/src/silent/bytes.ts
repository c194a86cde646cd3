// Bytes that the expansions of one direction of a shard move (protocol-spec.md, section 10.9), a message kind each.
import { correctionBytes } from "../softspoken/supply.ts";
import type { OtK } from "../ot/state.ts";
import { MASK_BYTES, PROOF_BYTES } from "./check.ts";
import { seedTransfers } from "./expansion.ts";
import type { Expansions } from "./parameters.ts";
import { correctionWords } from "./trees.ts";

export interface ExpansionBytes {
  /** From the chooser: corrections of the seeds, and the masks of the check. */
  readonly seeds: number;
  readonly masks: number;
  /** From the grower: corrections of the trees, and the proofs of the check. */
  readonly trees: number;
  readonly proofs: number;
}

/** `k`: of the transfers that are the seeds. */
export function expansionBytes(sizes: Expansions, k: OtK): ExpansionBytes {
  const { count } = sizes;
  return {
    seeds: count * correctionBytes(k, seedTransfers(sizes)),
    masks: count * MASK_BYTES,
    trees: count * correctionWords(sizes) * 4,
    proofs: count * PROOF_BYTES,
  };
}
