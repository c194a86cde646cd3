// Module hooks that strip the types of our own .ts files.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

export async function load(url, context, nextLoad) {
  if (!/^file:.*\.ts$/.test(url)) return nextLoad(url, context);
  const { code } = await transform(await readFile(new URL(url), "utf8"), {
    loader: "ts",
    format: "esm",
    target: "es2023",
    sourcefile: fileURLToPath(url),
    sourcemap: "inline",
  });
  return { format: "module", shortCircuit: true, source: code };
}
