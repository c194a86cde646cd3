// The compiled code of a checkout, never older than its sources: each state of the sources has its own folder under `build/`,
// named after the source files (path, size, modification time). It appears whole or not at all.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buildKernels, kernelSources } from "./kernels.js";
import { ADDON_BUILT, BUILDS, KERNELS_BUILT, PACKAGES, PAGE, PAGE_BUILT, ROOT } from "./places.js";

/** How many older builds are kept, for processes that still run them. */
const BUILDS_KEPT = 10;
/** While this process compiles, another may compile kernels, and somebody may edit sources. */
const ATTEMPTS_MAX = 10;

/** The file to run, compiled first if the sources have changed. */
export async function builtCommand() {
  // Tests start it a thousand times, and have compiled it once.
  const build = process.env.HALFROOM_TEST_BUILD ?? (await upToDateBuild());
  return join(build, "bin/halfroom.js");
}

/** The folder with the compiled code of the current sources. Throws if they do not compile. */
export async function upToDateBuild() {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const finished = join(BUILDS, fingerprint());
    if (existsSync(finished)) return finished;
    await compile();
  }
  throw new Error("the sources keep changing");
}

async function compile() {
  const { bundle } = await import("./bundle.js");
  const { buildPage } = await import("./page.js");
  await buildKernels();
  await buildPage();
  const state = fingerprint();
  const finished = join(BUILDS, state);
  const unfinished = join(BUILDS, `unfinished-${randomUUID()}`);
  try {
    await bundle(unfinished);
    await copyAddon(unfinished);
    // Changes made in the meantime may or may not be in it.
    if (fingerprint() === state) renameSync(unfinished, finished);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(finished)) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  removeOld();
}

async function copyAddon(out) {
  if (!existsSync(ADDON_BUILT)) return;
  const place = join(out, "build/Release/halfroom_crypto.node");
  await mkdir(dirname(place), { recursive: true });
  await copyFile(ADDON_BUILT, place);
}

function fingerprint() {
  const digest = createHash("sha256");
  const add = (path) => {
    const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    digest.update(`${path}\0${size}\0${mtimeMs}\0`);
  };
  for (const workspace of readdirSync(PACKAGES).toSorted()) {
    add(join(PACKAGES, workspace, "package.json"));
    filesUnder(join(PACKAGES, workspace, "src")).forEach(add);
  }
  filesUnder(join(ROOT, "tools")).forEach(add);
  filesUnder(join(PAGE, "src")).forEach(add);
  add(join(PAGE, "index.html"));
  // A commit changes no source file, but it changes what --version says.
  add(logOfHead());
  [...kernelSources(), KERNELS_BUILT, PAGE_BUILT, ADDON_BUILT, join(ROOT, "package.json")].forEach(add);
  return digest.digest("hex").slice(0, 32);
}

/** The file that git writes when HEAD moves; a worktree has its own. */
function logOfHead() {
  const git = join(ROOT, ".git");
  const isWorktree = statSync(git, { throwIfNoEntry: false })?.isFile() ?? false;
  const folder = isWorktree
    ? readFileSync(git, "utf8")
        .replace(/^gitdir: /, "")
        .trim()
    : git;
  return join(folder, "logs/HEAD");
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

function removeOld() {
  const builds = readdirSync(BUILDS)
    .map((name) => join(BUILDS, name))
    .map((path) => ({ path, time: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((left, right) => right.time - left.time);
  for (const { path } of builds.slice(BUILDS_KEPT)) rmSync(path, { recursive: true, force: true });
}
