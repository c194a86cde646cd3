// One-time codes of an app: TOTP (RFC 6238) as all apps have it: SHA-1, six digits, 30 seconds.
import { systemRng } from "@halfroom/crypto";
import { Secret, TOTP } from "otpauth";

/** RFC 4226, section 4, R6: 160 bits. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** For a clock that is off, and for whoever types slowly (RFC 6238, section 5.2): the code before and the one after. */
const WINDOW = 1;
const PERIOD_MS = PERIOD_SECONDS * 1000;

export function newSecret(): Uint8Array<ArrayBuffer> {
  return systemRng.bytes(SECRET_BYTES);
}

/** What an app takes: the secret in base32, and the same as an address for a QR code. */
export function shownSecret(
  secret: Uint8Array,
  name: string,
): { readonly secret: string; readonly uri: string } {
  const totp = totpOf(secret, name);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The period (RFC 6238's T) that the code is of, if it is one of now, in milliseconds since 1970; else undefined. Blanks do not count. */
export function periodOf(secret: Uint8Array, code: string, now: number): number | undefined {
  const token = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totpOf(secret, "").validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? undefined : Math.floor(now / PERIOD_MS) + delta;
}

/** The code of a moment, in milliseconds since 1970. */
export function codeAt(secret: Uint8Array, now: number): string {
  return totpOf(secret, "").generate({ timestamp: now });
}

function totpOf(secret: Uint8Array, label: string): TOTP {
  const { buffer } = Uint8Array.from(secret);
  return new TOTP({
    issuer: "Halfroom",
    label,
    algorithm: "SHA1",
    digits: 6,
    period: PERIOD_SECONDS,
    secret: new Secret({ buffer }),
  });
}
