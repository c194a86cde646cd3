// Types of the library, by the compiler: one file for each source file that the library's own reach, side by side as the
// sources are, so that they resolve without the workspaces.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { resolveSource, withDirectImports } from "./direct-imports.js";
import { LIBRARY, PACKAGES, ROOT } from "./places.js";
import { packageOf } from "./workspaces.js";

const SPECIFIER = /(\bfrom |\bimport\()"([^"]+)"/g;

/** Writes `types/` into `out`. Throws if the types need a package that the library does not depend on. */
export function addDeclarations(out) {
  const emitted = mkdtempSync(join(out, "unfinished-types-"));
  try {
    emit(emitted);
    const written = new Set();
    const add = (source) => {
      if (written.has(source)) return;
      written.add(source);
      const name = relative(PACKAGES, source).replace(/\.ts$/, ".d.ts");
      const text = withDirectImports(readFileSync(join(emitted, name), "utf8")).replace(
        SPECIFIER,
        (_, before, specifier) => {
          return `${before}"${place(specifier, source, add)}"`;
        },
      );
      const file = join(out, "types", name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    add(LIBRARY);
    const entry = relative(PACKAGES, LIBRARY).replace(/\.ts$/, ".js");
    writeFileSync(join(out, "types/index.d.ts"), `export * from "./${entry}";\n`);
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function emit(folder) {
  const compiler = join(ROOT, "node_modules/.bin/tsc");
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", folder];
  const project = ["-p", join(ROOT, "tsconfig.release.json"), "--rootDir", PACKAGES];
  execFileSync(compiler, [...project, ...flags], { cwd: ROOT, stdio: "inherit" });
}

/** What `specifier` in the types of `source` becomes; a file of ours is added too. */
function place(specifier, source, add) {
  if (!/^(\.|\/|@halfroom\/)/.test(specifier)) {
    packageOf(specifier);
    return specifier;
  }
  const target = resolveSource(specifier, source);
  add(target);
  const path = relative(dirname(source), target).replace(/\.ts$/, ".js");
  return path.startsWith(".") ? path : `./${path}`;
}
