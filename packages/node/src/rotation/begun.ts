// A rotation that was begun and has not come to its end: the next certificate or identity waits until the partners let it in.
import type { NodeState } from "../node-state.ts";
import type { IdentityPart } from "./rotate-identity.ts";

export interface BegunRotation {
  readonly part: IdentityPart;
  /** Of the certificate that waits, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** When it was begun, in milliseconds since 1970. */
  readonly since: number;
}

export function begunRotation({ own }: Pick<NodeState, "own">): BegunRotation | undefined {
  const waiting = own.waiting();
  if (waiting === undefined) return undefined;
  const { isOtherIdentity, fingerprint, since } = waiting;
  return { part: isOtherIdentity ? "identity" : "certificate", fingerprint, since };
}

/** One sentence without its full stop, with the remedy. */
export function begunWords({ part, fingerprint, since }: BegunRotation): string {
  const day = new Date(since).toISOString().slice(0, 10);
  return `the next ${part} waits since ${day} to be used, with the fingerprint ${fingerprint}: halfroom rotate ${part} asks the partners again`;
}
