// Compiles the add-on with npm's own node-gyp, downloading nothing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const NODE_PREFIX = join(dirname(process.execPath), "..");
/** Lines of a failed build that are worth showing. */
const ERROR_LINES = 2;

/**
 * Compiles `folder`, which has binding.gyp, into its build/Release/halfroom_crypto.node. `environment` and `flags` are for
 * another processor than this one. Gives why that was not possible, or undefined if the add-on is there.
 */
export function compile(folder, environment = {}, flags = []) {
  const nodeGyp = findNodeGyp();
  if (!nodeGyp) return "npm's node-gyp was not found";
  const headers = findHeaders();
  if (!headers) return "no Node headers; npm_config_nodedir can name their directory";
  const { status, error, stdout, stderr } = spawnSync(
    process.execPath,
    [nodeGyp, "rebuild", `--nodedir=${headers}`, ...flags],
    { cwd: folder, encoding: "utf8", env: { ...process.env, ...environment } },
  );
  if (status === 0) return undefined;
  return error ? error.message : firstErrors(`${stdout}\n${stderr}`);
}

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

function firstErrors(output) {
  const lines = output.split("\n").filter((line) => /error:|ERR! stack|not found/i.test(line));
  return lines.slice(0, ERROR_LINES).join(" | ") || "node-gyp failed";
}
