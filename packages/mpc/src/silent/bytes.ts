// Bytes that the expansions of one direction of a shard move, and a vector (protocol-spec.md, sections 10.9 and 10.10), a message kind each.
import { correctionBytes } from "../softspoken/supply.ts";
import type { OtK } from "../ot/state.ts";
import { MASK_BYTES, PROOF_BYTES } from "./check.ts";
import { seedTransfers } from "./expansion.ts";
import type { Expansions } from "./parameters.ts";
import { correctionWords } from "./trees.ts";
import { VECTOR_CORRECTION_WORDS } from "./vector.ts";

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

/** Of a vector, whose seeds other expansions make. */
export const VECTOR_BYTES: Omit<ExpansionBytes, "seeds"> = {
  masks: MASK_BYTES,
  trees: VECTOR_CORRECTION_WORDS * 4,
  proofs: PROOF_BYTES,
};
