// Compiles the native add-on for the systems that most nodes run on, so that an installation needs no compiler. It uses
// Node-API, so one file serves every version of Node. Targets without a compiler on this machine are left out, with a message.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../packages/crypto-native/compile.js";
import { ADDON } from "./places.js";

/** Debian's names of the cross compilers; the one for this machine's own processor may have another name. */
const TARGETS = [
  { arch: "x64", prefix: "x86_64-linux-gnu-" },
  { arch: "arm64", prefix: "aarch64-linux-gnu-" },
];
const SOURCES = ["binding.gyp", "native"];

/** Writes `prebuilds/SYSTEM-PROCESSOR/halfroom_crypto.node` into `out`. */
export function addPrebuilds(out) {
  for (const { arch, prefix } of TARGETS) {
    const missing = addPrebuilt(out, arch, prefix);
    const outcome = missing === undefined ? "built" : `left out (${missing})`;
    console.log(`native add-on for linux-${arch}: ${outcome}`);
  }
}

/** Why it is left out, or undefined if it is there. */
function addPrebuilt(out, arch, prefix) {
  if (process.platform !== "linux") return "this is not Linux";
  const here = arch === process.arch;
  if (!here && spawnSync(`${prefix}gcc`, ["--version"]).status !== 0) return `${prefix}gcc is not installed`;
  const folder = join(out, `unfinished-${arch}`);
  try {
    for (const name of SOURCES) cpSync(join(ADDON, name), join(folder, name), { recursive: true });
    const cross = { CC: `${prefix}gcc`, CXX: `${prefix}gcc`, LINK: `${prefix}gcc`, AR: `${prefix}ar` };
    const failure = compile(folder, here ? {} : cross, [`--arch=${arch}`]);
    if (failure !== undefined) return failure;
    const place = join(out, "prebuilds", `linux-${arch}`);
    mkdirSync(place, { recursive: true });
    cpSync(join(folder, "build/Release/halfroom_crypto.node"), join(place, "halfroom_crypto.node"));
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
