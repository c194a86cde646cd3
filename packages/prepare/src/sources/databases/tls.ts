// Encrypted connections to databases, with the modes of libpq, which those of MySQL's programs are by other names.
import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { InputError } from "../../errors.ts";

export const TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsFiles {
  /** File with the certificates of authorities; undefined for those that Node.js brings, by which only `verify-full` says anything. */
  readonly authority: string | undefined;
  /** The client's own certificate and its key. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** How one connection is made: with TLS, or false without. */
export type Attempt = ConnectionOptions | false;

/** The attempts that a mode means, in order; the last one's error counts. Throws `InputError` (`credentials`). */
export async function attemptsOf(mode: TlsMode, files: TlsFiles): Promise<Attempt[]> {
  if (mode === "disable") return [false];
  const tls = await optionsOf(mode, files);
  if (mode === "allow") return [false, tls];
  return mode === "prefer" ? [tls, false] : [tls];
}

/** A certificate is checked wherever an authority is named, as libpq does; the host's name in it only by `verify-full`. */
async function optionsOf(mode: TlsMode, files: TlsFiles): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([files.authority, files.certificate, files.key].map(contentOf));
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: ca !== undefined || mode === "verify-full",
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
  };
}

async function contentOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new InputError("credentials", { file, remedy: "Check its path and rights." });
  }
}

/** Codes of OpenSSL for a certificate that leads to no known authority, and for one that leads to it and does not hold. */
const UNKNOWN = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/;
const INVALID = /^(?:CERT|ERR_TLS_CERT|CRL_|HOSTNAME_MISMATCH)/;

/** What an error says of the server's certificate; undefined if it is about something else. `parameter`: the one that names the authority. */
export function certificateRemedy(code: string, parameter: string): string | undefined {
  if (UNKNOWN.test(code)) {
    const remedy = `name the file with the authority's certificate in the URL, ${parameter}=/path/ca.pem`;
    return `No authority known here has signed the server's certificate (${code}): ${remedy}.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `The server's certificate is for another host name (${code}): write the host as the certificate has it.`;
  }
  return INVALID.test(code) ? `The server's certificate does not hold (${code}): renew it.` : undefined;
}
