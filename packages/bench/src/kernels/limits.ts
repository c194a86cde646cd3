// The top speed of kernels on this machine: ours, and OpenSSL's if `openssl` is installed.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { KernelRates } from "../result.ts";
import { kernelSpeed } from "./speed.ts";

/** Arguments for `openssl speed`, and which field of its machine-readable line, counted from the end, has the rate. */
const OPENSSL = {
  "aes-128-ctr, bytes": { args: ["-bytes", "16384", "-evp", "aes-128-ctr"], field: -1 },
  "sha256, bytes": { args: ["-bytes", "16384", "-evp", "sha256"], field: -1 },
  "sha512, bytes": { args: ["-bytes", "16384", "-evp", "sha512"], field: -1 },
  // The last field is the time of one operation.
  "x25519, operations": { args: ["ecdhx25519"], field: -2 },
} as const;

/** Call it before anything else runs: kernels are measured on an idle core. */
export async function kernelRates(): Promise<KernelRates> {
  const multiplications: Record<string, number> = {};
  for (const kernel of ["sodium", undefined]) {
    const { name, multiplicationsPerSecond } = await kernelSpeed(kernel);
    multiplications[name] = multiplicationsPerSecond;
  }
  const openssl: Record<string, number> = {};
  for (const [what, { args, field }] of Object.entries(OPENSSL)) {
    const rate = await opensslSpeed(args, field);
    if (rate !== undefined) openssl[what] = rate;
  }
  return { multiplications, openssl };
}

/** Undefined where openssl is missing or its output is different. */
async function opensslSpeed(args: readonly string[], field: number): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("openssl", ["speed", "-mr", "-seconds", "1", ...args]);
    const line = stdout.split("\n").findLast((text) => /^\+F\d*:/.test(text));
    const rate = Number(line?.split(":").at(field));
    return rate > 0 ? rate : undefined;
  } catch {
    return undefined;
  }
}
