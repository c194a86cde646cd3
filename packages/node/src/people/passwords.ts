// Passwords at rest: scrypt (RFC 7914) with a salt for each, written as scrypt$log2(N)$r$p$salt$key, so that those of one cost stay
// readable once the cost rises.
import { scrypt, timingSafeEqual } from "node:crypto";
import { systemRng } from "@halfroom/crypto";
import { OperatorError } from "../errors.ts";

/** N = 2^17, r = 8, p = 1: 128 MiB for each (OWASP Password Storage Cheat Sheet, scrypt). */
export const SCRYPT_LOG_N = 17;
const R = 8;
const P = 1;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Of scrypt itself and what it needs beside its table. */
const SPARE_BYTES = 1 << 20;

/** NIST SP 800-63B asks for 8 at least, and for 15 where there is nothing else; long ones have to fit too. */
const LENGTH_MIN = 12;
const LENGTH_MAX = 256;

/** Throws OperatorError `password`. */
export function assertPassword(password: string, name: string): void {
  const { length } = normalised(password);
  if (length < LENGTH_MIN || length > LENGTH_MAX)
    throw new OperatorError(
      "password",
      `A password has ${LENGTH_MIN} to ${LENGTH_MAX} characters; choose another one.`,
    );
  const lower = password.toLowerCase();
  if (lower.includes(name.toLowerCase()) || new Set(lower).size < 5)
    throw new OperatorError(
      "password",
      "The password holds the user's own name, or few different characters; choose another one.",
    );
}

/** What is kept of a password. `logN`: the binary logarithm of scrypt's N. */
export async function hashPassword(password: string, logN: number): Promise<string> {
  const salt = systemRng.bytes(SALT_BYTES);
  const key = await derive(password, { salt, logN, r: R, p: P });
  return ["scrypt", logN, R, P, base64(salt), base64(key)].join("$");
}

/** Whether it is the password that `kept` was made of. Without one the answer is no, after the same work. */
export async function isPassword(password: string, kept: string | undefined, logN: number): Promise<boolean> {
  const found = kept === undefined ? undefined : read(kept);
  const { key, ...cost } = found ?? { salt: new Uint8Array(SALT_BYTES), logN, r: R, p: P, key: undefined };
  const made = await derive(password, cost);
  return key !== undefined && timingSafeEqual(made, key);
}

/** Whether it was made at a lower cost than is asked for today. */
export function isCheap(kept: string, logN: number): boolean {
  return read(kept).logN < logN;
}

interface Cost {
  readonly salt: Uint8Array;
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

function read(kept: string): Cost & { readonly key: Uint8Array } {
  const [, logN, r, p, salt, key] = kept.split("$");
  const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? "", "base64url"));
  return { logN: Number(logN), r: Number(r), p: Number(p), salt: bytes(salt), key: bytes(key) };
}

/** One at a time: each takes its memory, whoever asks for it. */
let last: Promise<unknown> = Promise.resolve();

function derive(password: string, cost: Cost): Promise<Uint8Array> {
  const next = last.then(() => run(password, cost));
  last = next.catch(() => undefined);
  return next;
}

function run(password: string, { salt, logN, r, p }: Cost): Promise<Uint8Array> {
  const N = 2 ** logN;
  const options = { N, r, p, maxmem: 128 * N * r * p + SPARE_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(normalised(password), salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/** The same letters typed on another keyboard are the same password (NIST SP 800-63B). */
function normalised(password: string): string {
  return password.normalize("NFKC");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
