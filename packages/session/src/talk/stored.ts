// A report that both sides have already is served again (protocol-spec.md, section 8.5). Neither names the session of its report
// in the clear: each sends 32 bytes that only a side that knows the session can recognise, and random ones where it has none.
import { hash256 } from "@halfroom/crypto";

/** `session`: that of the stored report, in hex. `nonce`: the sender's. */
export function askForStored(session: string, nonce: Uint8Array): Uint8Array {
  return hash256("stored/asked", fromHex(session), nonce);
}

/** Of the sessions, in hex, the one that the sender asks for. */
export function recogniseStored(
  asked: Uint8Array,
  sessions: readonly string[],
  nonce: Uint8Array,
): string | undefined {
  return sessions.find((session) => Buffer.compare(askForStored(session, nonce), asked) === 0);
}

/** What a receiver says that has the report too; it takes the sender's nonce, then the receiver's. */
export function answerStored(session: string, asking: Uint8Array, answering: Uint8Array): Uint8Array {
  return hash256("stored/answered", fromHex(session), asking, answering);
}

function fromHex(session: string): Uint8Array {
  return new Uint8Array(Buffer.from(session, "hex"));
}
