// What completes a session whose receipts were not exchanged (protocol-spec.md, section 14.4): the report and all that this side's receipt
// was to be made of. It is no report yet: nothing shows it before the partner's signature is there.
import type { Signatures } from "@halfroom/session";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";
import { REPORT_DAYS } from "./reports.ts";

export interface UnsettledReport {
  /** The session id in hex. */
  readonly session: string;
  /** Of both sides on the agreement. */
  readonly signatures: Signatures;
  /** As it will be stored, but for the nonce of a side that does not commit. */
  readonly json: string;
  /** `StoredReport.data`. */
  readonly data: string;
  /** Of all messages before the receipts, 32 bytes. */
  readonly transcript: Uint8Array;
  /** On the side that commits. */
  readonly nonce: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
}

const SIGNATURE_BYTES = 64;

export class Unsettled {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  keep({ session, signatures, json, data, transcript, nonce, keptAt }: UnsettledReport): void {
    this.#store.run(
      "INSERT INTO unsettled (session, signatures, json, data, transcript, nonce, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      session,
      Buffer.concat([signatures.sender, signatures.receiver]),
      json,
      data,
      transcript,
      nonce ?? null,
      keptAt,
    );
  }

  /** By session id in hex. */
  get(session: string): UnsettledReport | undefined {
    const row = this.#store.get<Row>("SELECT * FROM unsettled WHERE session = ?", session);
    return (
      row && {
        session,
        signatures: {
          sender: row.signatures.subarray(0, SIGNATURE_BYTES),
          receiver: row.signatures.subarray(SIGNATURE_BYTES),
        },
        json: row.json,
        data: row.data,
        transcript: row.transcript,
        nonce: row.nonce ?? undefined,
        keptAt: row.kept_at,
      }
    );
  }

  /** Once it is settled. */
  forget(session: string): void {
    this.#store.run("DELETE FROM unsettled WHERE session = ?", session);
  }

  /** Deletes what is older than reports get. Returns how many. */
  prune(now: number): number {
    return this.#store.run("DELETE FROM unsettled WHERE kept_at <= ?", now - REPORT_DAYS * DAY_MS);
  }
}

interface Row {
  readonly signatures: Uint8Array;
  readonly json: string;
  readonly data: string;
  readonly transcript: Uint8Array;
  readonly nonce: Uint8Array | null;
  readonly kept_at: number;
}
