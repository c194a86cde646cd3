// The array kernels in WebAssembly, compiled from AssemblyScript where that has not been done since the source changed.
import { renameSync, statSync } from "node:fs";
import { relative } from "node:path";
import { KERNELS, KERNELS_BUILT, ROOT } from "./places.js";

export async function buildKernels() {
  const built = statSync(KERNELS_BUILT, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs >= statSync(KERNELS).mtimeMs) return;
  const { main } = await import("assemblyscript/asc");
  // Nobody ever reads half of it.
  const unfinished = `${KERNELS_BUILT}.${process.pid}`;
  const files = [relative(ROOT, KERNELS), "--outFile", relative(ROOT, unfinished), "--baseDir", ROOT];
  const flags = ["--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"];
  const { error } = await main([...files, ...flags], { stderr: process.stderr });
  if (error) throw error;
  renameSync(unfinished, KERNELS_BUILT);
}
