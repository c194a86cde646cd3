// Receipts that this node keeps.
import { decodeReceipt, encodeReceipt, toHex, verifyReceipt, type Receipt } from "@halfroom/session";
import type { Store } from "../store/store.ts";

export class Receipts {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Keeps a receipt. Errors: `agreement`, unless its signatures hold. */
  add(receipt: Receipt): void {
    verifyReceipt(receipt);
    this.#store.run(
      "INSERT INTO receipt (session, record) VALUES (?, ?)",
      toHex(receipt.agreement.session),
      encodeReceipt(receipt),
    );
  }

  /** By session id in hex. Errors: `malformed`, if what is stored is damaged. */
  get(session: string): Receipt | undefined {
    const row = this.#store.get<{ record: Uint8Array }>(
      "SELECT record FROM receipt WHERE session = ?",
      session,
    );
    return row && decodeReceipt(row.record);
  }
}
