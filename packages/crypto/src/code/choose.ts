// The fastest engine of this machine, chosen once at start-up. HALFROOM_KERNEL may name a kernel that is not native: then nothing
// native is used at all.
import type { CodeEngine } from "./engine.ts";
import { nativeCode } from "./native.ts";
import { plainCode } from "./plain.ts";
import { wasmCode } from "./wasm.ts";

const kernel = process.env["HALFROOM_KERNEL"];
const chosen = (!kernel || kernel.startsWith("native") ? nativeCode() : undefined) ?? wasmCode() ?? plainCode;

export function chooseEngine(): CodeEngine {
  return chosen;
}
