// The code of silent transfers.
import { loadAddon, type NativeCode } from "./addon.ts";

/** How the add-on folds, fastest first. */
export const CODE_PATHS = ["avx2", "portable"] as const;
export type CodePath = (typeof CODE_PATHS)[number];

/** By default the fastest path; undefined where the add-on was not built, is older, or the processor lacks the instructions. */
export function loadNativeCode(path?: CodePath): NativeCode | undefined {
  const addon = loadAddon();
  if (addon?.gatherSums === undefined || addon.takeLowBits === undefined) return undefined;
  if (path === "avx2" && !addon.avx2RunsHere) return undefined;
  const wide = addon.avx2RunsHere && path !== "portable" ? 1 : 0;
  return {
    sum: addon.sumBlocks,
    gather: addon.gatherSums,
    fold: (from, out, order) => addon.foldCode(from, out, order, wide),
    takeLowBits: addon.takeLowBits,
  };
}
