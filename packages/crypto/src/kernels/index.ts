import { typescriptKernels } from "./typescript.ts";
import { loadWasmKernels } from "./wasm.ts";

/** The fastest array kernels of this machine, chosen once at start-up. */
export const arrayKernels = loadWasmKernels() ?? typescriptKernels;
