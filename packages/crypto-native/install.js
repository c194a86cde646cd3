// Builds the add-on if no prebuilt one runs here and this machine can. It never fails an installation: without the add-on the
// WebAssembly kernel does the same work. HALFROOM_NATIVE=0 skips it.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.js";

/** Why there is no add-on, or undefined if there is. */
function install() {
  if (process.env.HALFROOM_NATIVE === "0") return "HALFROOM_NATIVE=0";
  if (hasPrebuilt()) return undefined;
  return compile(dirname(fileURLToPath(import.meta.url)));
}

/** Whether the package brought an add-on for this system and processor, and it loads. */
function hasPrebuilt() {
  try {
    const place = `./prebuilds/${process.platform}-${process.arch}/halfroom_crypto.node`;
    createRequire(import.meta.url)(place);
    return true;
  } catch {
    return false;
  }
}

const skipped = install();
console.log(
  skipped === undefined
    ? "halfroom: the native elliptic-curve kernel is there"
    : `halfroom: no native elliptic-curve kernel, the WebAssembly one will be used (${skipped})`,
);
