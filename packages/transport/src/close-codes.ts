// How a connection ended, as a WebSocket close code (RFC 6455, section 7.4). Stable, and part of protocol-spec.md.
import { ProtocolError, isErrorCode } from "@halfroom/wire";
import type { ErrorCode } from "@halfroom/wire";

/** The session is over, without an error. */
export const CLOSE_DONE = 1000;

/** One close code for each error code; new ones are added, old ones never change. */
export const CLOSE_CODES: Readonly<Record<ErrorCode, number>> = {
  version: 4000,
  agreement: 4001,
  refused: 4002,
  malformed: 4003,
  unexpected: 4004,
  sequence: 4005,
  count: 4006,
  point: 4007,
  commitment: 4008,
  transcript: 4009,
  cuckoo: 4010,
  okvs: 4011,
  closed: 4012,
  timeout: 4013,
  internal: 4014,
  identity: 4015,
  busy: 4016,
  replayed: 4017,
  shard: 4018,
  check: 4019,
  restored: 4020,
  impossible: 4021,
  clock: 4022,
  incomplete: 4023,
  lost: 4024,
};

/** The codes with which a WebSocket implementation itself answers bytes that break RFC 6455 or our limits. */
const CLOSE_MALFORMED = new Set([1002, 1003, 1007, 1009]);

const ERROR_OF_CLOSE = new Map(
  Object.entries(CLOSE_CODES).map(([code, close]) => [close, code as ErrorCode]),
);

/** The close code for an error code: without one, that of a session that is done; for an unknown one, `internal`. */
export function closeCodeOf(code: string | undefined): number {
  if (code === undefined) return CLOSE_DONE;
  return CLOSE_CODES[isErrorCode(code) ? code : "internal"];
}

/** The error for calls that still wait when the partner closes with `code`; a lost connection has code 1006. */
export function errorOfClose(close: number): ProtocolError {
  const code = CLOSE_MALFORMED.has(close) ? "malformed" : ERROR_OF_CLOSE.get(close);
  return code === undefined
    ? new ProtocolError("closed")
    : new ProtocolError(code, undefined, { fromPartner: true });
}
