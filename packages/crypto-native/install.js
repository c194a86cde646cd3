// Builds the add-on if this machine can. It never fails an installation: without the add-on the WebAssembly kernel
// does the same work. It downloads nothing. HALFROOM_NATIVE=0 skips it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const NODE_PREFIX = join(dirname(process.execPath), "..");
/** Lines of a failed build that are worth showing. */
const ERROR_LINES = 2;

/** npm names its node-gyp to install scripts; otherwise it is among the packages of the npm beside this Node. */
function findNodeGyp() {
  const named = process.env.npm_config_node_gyp;
  if (named && existsSync(named)) return named;
  const npm = process.env.npm_execpath ?? join(NODE_PREFIX, "lib/node_modules/npm/bin/npm-cli.js");
  try {
    return createRequire(npm).resolve("node-gyp/bin/node-gyp.js");
  } catch {
    return undefined;
  }
}

/** Where Node's headers are: as npm was told, or beside this Node. node-gyp would download them otherwise. */
function findHeaders() {
  const candidates = [process.env.npm_config_nodedir, NODE_PREFIX];
  return candidates.find((dir) => dir && existsSync(join(dir, "include/node/node_api.h")));
}

/** Why the build was skipped, or undefined if the add-on is there. */
function build() {
  if (process.env.HALFROOM_NATIVE === "0") return "HALFROOM_NATIVE=0";
  const nodeGyp = findNodeGyp();
  if (!nodeGyp) return "npm's node-gyp was not found";
  const headers = findHeaders();
  if (!headers) return "no Node headers; npm_config_nodedir can name their directory";
  const { status, error, stdout, stderr } = spawnSync(
    process.execPath,
    [nodeGyp, "rebuild", `--nodedir=${headers}`],
    { cwd: HERE, encoding: "utf8" },
  );
  if (status === 0) return undefined;
  return error ? error.message : firstErrors(`${stdout}\n${stderr}`);
}

function firstErrors(output) {
  const lines = output.split("\n").filter((line) => /error:|ERR! stack|not found/i.test(line));
  return lines.slice(0, ERROR_LINES).join(" | ") || "node-gyp failed";
}

const skipped = build();
console.log(
  skipped === undefined
    ? "halfroom: the native elliptic-curve kernel is built"
    : `halfroom: no native elliptic-curve kernel, the WebAssembly one will be used (${skipped})`,
);
