// A session's key for one worker (protocol code knows nothing of it): sealed to the worker's own credential by HPKE (RFC 9180), so that
// whoever reads Redis, the share or another worker's folder does not have it. With it go the secrets that the session's jobs share: on the
// sender's side the OPRF key of the epoch.
import { systemRng, type Arrays } from "@halfroom/crypto";
import { HPKE_KEY_BYTES, hpkeOpen, hpkeSeal, type HpkeContext } from "../vault/hpke.ts";
import { packArrays, unpackArrays } from "./arrays.ts";

export const SESSION_KEY_BYTES = 32;
export const GRANT_BYTES_MAX = 4096;

const INFO = Buffer.from("halfroom/v1/cluster/session-key");
const KEY = "sessionKey";

export interface Grant {
  /** Of which all keys of the session's blocks are derived, 32 bytes. */
  readonly sessionKey: Uint8Array<ArrayBuffer>;
  /** By the names that jobs have for them. */
  readonly secrets: Arrays;
}

/** `worker`: its id, to which the sealed text is bound. */
export function sealGrant(
  publicKey: Uint8Array,
  session: string,
  worker: string,
  { sessionKey, secrets }: Grant,
): Uint8Array {
  const packed = packArrays({ ...secrets, [KEY]: sessionKey });
  const ephemeral = systemRng.bytes(HPKE_KEY_BYTES);
  try {
    return hpkeSeal(publicKey, contextOf(session, worker), packed, ephemeral);
  } finally {
    packed.fill(0);
    ephemeral.fill(0);
  }
}

/** Undefined, if it is not for this worker and session. */
export function openGrant(
  privateKey: Uint8Array,
  session: string,
  worker: string,
  sealed: Uint8Array,
): Grant | undefined {
  const packed = hpkeOpen(privateKey, contextOf(session, worker), sealed);
  if (packed === undefined) return undefined;
  const { [KEY]: sessionKey, ...secrets } = unpackArrays(packed) ?? {};
  packed.fill(0);
  if (!(sessionKey instanceof Uint8Array) || sessionKey.length !== SESSION_KEY_BYTES) return undefined;
  return { sessionKey, secrets };
}

/** Overwrites what was opened. */
export function wipeGrant({ sessionKey, secrets }: Grant): void {
  for (const array of [sessionKey, ...Object.values(secrets)]) array.fill(0);
}

function contextOf(session: string, worker: string): HpkeContext {
  return { info: INFO, aad: Buffer.from(`${session}/${worker}`) };
}
