// The array kernels in WebAssembly, compiled from AssemblyScript where that has not been done since the source changed.
import { statSync } from "node:fs";
import { relative } from "node:path";
import { KERNELS, KERNELS_BUILT, ROOT } from "./places.js";

export async function buildKernels() {
  const built = statSync(KERNELS_BUILT, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs >= statSync(KERNELS).mtimeMs) return;
  const { main } = await import("assemblyscript/asc");
  const files = [relative(ROOT, KERNELS), "--outFile", relative(ROOT, KERNELS_BUILT), "--baseDir", ROOT];
  const flags = ["--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"];
  const { error } = await main([...files, ...flags], { stderr: process.stderr });
  if (error) throw error;
}
