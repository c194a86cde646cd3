// Compiles the released workspaces into plain JavaScript: `bin/halfroom.js`, and `lib/` with one file for the command, one
// for the library, one for each file that the sources name by `new URL("./file", import.meta.url)` (entry points of worker
// threads, kernels, the console's page), and the code that these share. `lib/` is flat, so such names stay valid in whichever file they end up.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { withDirectImports } from "./direct-imports.js";
import { buildKernels } from "./kernels.js";
import { buildPage } from "./page.js";
import { CHECKOUT_COMMAND, LIBRARY, PACKAGES, ROOT } from "./places.js";
import { packageOf, releasedWorkspaces } from "./workspaces.js";

/** A file that the sources name: its name, relative to the file that names it. */
export const FILE_OF_SOURCES = /new URL\(\s*"(\.{1,2}\/[^"]+)",\s*import\.meta\.url\s*\)/g;
/**
 * On SIGUSR1 Node opens its inspector, through which any program of the machine could read and run what it likes in the node. A
 * listener takes the signal's place, and is there before any other code is loaded.
 */
const COMMAND = `#!/usr/bin/env node
process.on("SIGUSR1", () => {});
await import("../lib/command.js");
`;

/** Writes `bin/` and `lib/` into `out`. */
export async function bundle(out) {
  await buildKernels();
  await buildPage();
  const named = filesNamedBySources();
  await build({
    entryPoints: {
      command: join(PACKAGES, "cli/src/command.ts"),
      index: LIBRARY,
      ...Object.fromEntries(named.filter(isCode).map((path) => [entryName(path), path])),
    },
    outdir: join(out, "lib"),
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.12",
    sourcemap: true,
    sourcesContent: false,
    chunkNames: "shared-[hash]",
    define: { HALFROOM_RELEASE: JSON.stringify(releaseFacts()) },
    plugins: [registryPackagesStayOutside, namesOfFiles],
    logLevel: "silent",
  });
  for (const path of named.filter((path) => !isCode(path))) {
    copyFileSync(path, join(out, "lib", basename(path)));
  }
  mkdirSync(join(out, "bin"), { recursive: true });
  writeFileSync(join(out, "bin/halfroom.js"), COMMAND, { mode: 0o755 });
}

/** What `halfroom --version` says about the build. */
function releaseFacts() {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return { version, commit: commit() };
}

/** The commit being built, with a plus if the sources differ from it; undefined outside a repository. */
function commit() {
  const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "packages", "package.json");
    return git("rev-parse", "HEAD") + (changed === "" ? "" : "+");
  } catch {
    return undefined;
  }
}

export const isCode = (path) => [".ts", ".js"].includes(extname(path));

/** `packages/match/src/oprf/jobs.ts` is `match-oprf-jobs`. */
export function entryName(path) {
  return relative(PACKAGES, path)
    .replace(/\/src\//, "/")
    .replace(/\.[jt]s$/, "")
    .replaceAll("/", "-");
}

/** Paths of all files that released sources name; they have entries of their own in `lib/`, but for the command itself. */
export function filesNamedBySources() {
  const named = new Set();
  for (const workspace of releasedWorkspaces().keys()) {
    const sources = join(PACKAGES, workspace, "src");
    for (const file of readdirSync(sources, { recursive: true }).filter(isCode)) {
      const path = join(sources, file);
      for (const [, name] of readFileSync(path, "utf8").matchAll(FILE_OF_SOURCES)) {
        named.add(resolve(dirname(path), name));
      }
    }
  }
  named.delete(CHECKOUT_COMMAND);
  return [...named];
}

const namesOfFiles = {
  name: "names of files",
  setup(plugin) {
    plugin.onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
      if (!path.startsWith(PACKAGES)) return undefined;
      const contents = withDirectImports(readFileSync(path, "utf8")).replace(FILE_OF_SOURCES, (_, name) => {
        return `new URL("${placeInRelease(resolve(dirname(path), name))}", import.meta.url)`;
      });
      return { contents, loader: extname(path) === ".ts" ? "ts" : "js" };
    });
  },
};

function placeInRelease(path) {
  if (path === CHECKOUT_COMMAND) return "../bin/halfroom.js";
  return isCode(path) ? `./${entryName(path)}.js` : `./${basename(path)}`;
}

const registryPackagesStayOutside = {
  name: "registry packages stay outside",
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === "entry-point" || path.startsWith("@halfroom/")) return undefined;
      packageOf(path);
      return { path, external: true, sideEffects: false };
    });
  },
};
