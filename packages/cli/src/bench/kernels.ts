// What this machine's kernels can do at most: ours, and OpenSSL's where there is an `openssl`.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { kernelSpeed } from "@halfroom/node";
import type { KernelRates } from "./bench.types.ts";

/** What `openssl speed` is asked for, and what its last column then is. */
const OPENSSL = {
  "aes-128-ctr, bytes": ["-bytes", "16384", "-evp", "aes-128-ctr"],
  "sha256, bytes": ["-bytes", "16384", "-evp", "sha256"],
  "sha512, bytes": ["-bytes", "16384", "-evp", "sha512"],
  "x25519, operations": ["ecdhx25519"],
} as const;

/** Before anything else runs: kernels are measured on an idle core. */
export async function kernelRates(): Promise<KernelRates> {
  const multiplications: Record<string, number> = {};
  for (const kernel of ["sodium", undefined]) {
    const { name, multiplicationsPerSecond } = await kernelSpeed(kernel);
    multiplications[name] = multiplicationsPerSecond;
  }
  const openssl: Record<string, number> = {};
  for (const [what, args] of Object.entries(OPENSSL)) {
    const rate = await opensslSpeed(args);
    if (rate !== undefined) openssl[what] = rate;
  }
  return { multiplications, openssl };
}

/** The last number of the line for machines; undefined where openssl is missing or says something else. */
async function opensslSpeed(args: readonly string[]): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("openssl", ["speed", "-mr", "-seconds", "1", ...args]);
    const line = stdout.split("\n").findLast((text) => /^\+F\d*:/.test(text));
    const rate = Number(line?.split(":").at(-1));
    return rate > 0 ? rate : undefined;
  } catch {
    return undefined;
  }
}
