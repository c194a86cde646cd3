// The invitation as text that one person gives another: halfroom1_ and base64url of
//
//     expiry in seconds since 1970, 4 bytes, big-endian | fingerprint, 32 | secret, 32 | address, the rest (ASCII) | check, 4
//
// The check is the first bytes of SHA-256 over everything before it, so that a token damaged on its way is recognised as such.
import { createHash } from "node:crypto";
import { splitAddress } from "@halfroom/transport";
import { ADDRESS_BYTES_MAX } from "@halfroom/wire";
import { OperatorError } from "../errors.ts";

export interface Invitation {
  /** HOST:PORT of the inviting node. */
  readonly address: string;
  /** The inviting node's, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** 32 bytes, known to whoever holds the token. */
  readonly secret: Uint8Array;
  /** Milliseconds since 1970, whole seconds. */
  readonly expiresAt: number;
}

const PREFIX = "halfroom1_";
const EXPIRY_BYTES = 4;
const FINGERPRINT_BYTES = 32;
const SECRET_BYTES = 32;
const CHECK_BYTES = 4;
const HEAD_BYTES = EXPIRY_BYTES + FINGERPRINT_BYTES + SECRET_BYTES;

export function encodeToken({ address, fingerprint, secret, expiresAt }: Invitation): string {
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUInt32BE(expiresAt / 1000);
  const body = Buffer.concat([
    expiry,
    Buffer.from(fingerprint, "hex"),
    secret,
    Buffer.from(address, "ascii"),
  ]);
  return `${PREFIX}${Buffer.concat([body, check(body)]).toString("base64url")}`;
}

/** Errors: `token`, for anything but a whole token; the words reveal nothing of its content. */
export function decodeToken(token: string): Invitation {
  const text = token.trim();
  const bytes = Buffer.from(text.slice(PREFIX.length), "base64url");
  const body = bytes.subarray(0, -CHECK_BYTES);
  const whole =
    text === `${PREFIX}${bytes.toString("base64url")}` &&
    body.length > HEAD_BYTES &&
    body.length <= HEAD_BYTES + ADDRESS_BYTES_MAX &&
    bytes.subarray(-CHECK_BYTES).equals(check(body));
  if (!whole) throw damaged();
  const address = body.subarray(HEAD_BYTES).toString("latin1");
  try {
    splitAddress(address);
  } catch {
    throw damaged();
  }
  return {
    address,
    fingerprint: body.subarray(EXPIRY_BYTES, EXPIRY_BYTES + FINGERPRINT_BYTES).toString("hex"),
    secret: new Uint8Array(body.subarray(EXPIRY_BYTES + FINGERPRINT_BYTES, HEAD_BYTES)),
    expiresAt: body.readUInt32BE() * 1000,
  };
}

function check(body: Uint8Array): Buffer {
  return createHash("sha256").update("halfroom/v1/token").update(body).digest().subarray(0, CHECK_BYTES);
}

function damaged(): OperatorError {
  return new OperatorError(
    "token",
    "The token is damaged; copy the whole line that `halfroom invite` printed, or ask for a new one.",
  );
}
