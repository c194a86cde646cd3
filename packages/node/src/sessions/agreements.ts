// Agreements that this node has signed; each is for one session and is kept for good.
import { readAgreement, toHex, type Agreement } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import type { Store } from "../store/store.ts";

export class Agreements {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Claims the session id for this one session. Errors: `agreement`, if this node has seen it before. */
  claim({ session, bytes }: Agreement, partner: string, now: number): void {
    const taken = this.#store.run(
      "INSERT INTO agreement (session, partner, bytes, claimed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      toHex(session),
      partner,
      bytes,
      now,
    );
    if (taken === 0)
      throw new ProtocolError("agreement", "this agreement was run before; propose the report anew");
  }

  /** By session id in hex. Errors: `malformed`, if what is stored is damaged. */
  get(session: string): Agreement | undefined {
    const row = this.#store.get<{ bytes: Uint8Array }>(
      "SELECT bytes FROM agreement WHERE session = ?",
      session,
    );
    return row && readAgreement(row.bytes);
  }
}
