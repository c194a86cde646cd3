// The fastest engine of this machine, chosen once at start-up. Without AES of the add-on (see aes-cipher.ts) nothing native is used.
import type { PassEngine } from "./engine.ts";
import { nativePasses } from "./native.ts";
import { plainPasses } from "./plain.ts";
import { wasmPasses } from "./wasm.ts";

export const passes: PassEngine = nativePasses() ?? wasmPasses() ?? plainPasses;
