// Compiles the array kernels from AssemblyScript to WebAssembly, if their source has changed since the last time.
import { renameSync, statSync } from "node:fs";
import { relative } from "node:path";
import { KERNELS, KERNELS_BUILT, ROOT } from "./places.js";

export async function buildKernels() {
  const built = statSync(KERNELS_BUILT, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs >= statSync(KERNELS).mtimeMs) return;
  const { main } = await import("assemblyscript/asc");
  // Renamed at the end, so that nobody reads half of it.
  const unfinished = `${KERNELS_BUILT}.${process.pid}`;
  const files = [relative(ROOT, KERNELS), "--outFile", relative(ROOT, unfinished), "--baseDir", ROOT];
  const flags = ["--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"];
  const { error } = await main([...files, ...flags], { stderr: process.stderr });
  if (error) throw error;
  renameSync(unfinished, KERNELS_BUILT);
}
