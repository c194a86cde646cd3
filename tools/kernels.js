// Compiles the array kernels from AssemblyScript to WebAssembly, if their source has changed since the last time.
import { readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { KERNELS, KERNELS_BUILT, ROOT } from "./places.js";

export async function buildKernels() {
  const built = statSync(KERNELS_BUILT, { throwIfNoEntry: false });
  if (built !== undefined && kernelSources().every((path) => statSync(path).mtimeMs <= built.mtimeMs)) return;
  const { main } = await import("assemblyscript/asc");
  // Renamed at the end, so that nobody reads half of it.
  const unfinished = `${KERNELS_BUILT}.${process.pid}`;
  const files = [relative(ROOT, KERNELS), "--outFile", relative(ROOT, unfinished), "--baseDir", ROOT];
  const flags = ["--enable", "simd", "-O3", "--noAssert", "--runtime", "stub"];
  const { error } = await main([...files, ...flags], { stderr: process.stderr });
  if (error) throw error;
  renameSync(unfinished, KERNELS_BUILT);
}

/** The files that the kernels are made of. */
export function kernelSources() {
  const folder = dirname(KERNELS);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .toSorted()
    .map((name) => join(folder, name));
}
