// What opens this node's own commitments, session by session: kept as long as the agreement that holds them, sealed at rest.
import { toHex, type Openings } from "@halfroom/session";
import { z } from "zod";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Sealing } from "../vault/vault.ts";

const PURPOSE = "receipts/openings";
/** What is sealed here. */
export const SEALED_OPENINGS = { table: "opening", column: "sealed", context: ["session"], purpose: PURPOSE };
const hex = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, "hex")));
const schema = z.strictObject({
  data: z.strictObject({ salt: hex, digest: hex }),
  filter: z.strictObject({ salt: hex, text: z.string() }),
});

export class KeptOpenings {
  readonly #store: Store;
  readonly #vault: Sealing;

  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
  }

  /** `session`: in hex. */
  add(session: string, openings: Openings): void {
    const text = Buffer.from(JSON.stringify(openingsRecord(openings)), "utf8");
    this.#store.transaction(() =>
      this.#store.run(
        "INSERT INTO opening (session, sealed) VALUES (?, ?)",
        session,
        this.#vault.seal(PURPOSE, [session], text),
      ),
    );
  }

  /** Undefined for a session of an earlier version, which kept none. Errors: `damaged`. */
  get(session: string): Openings | undefined {
    const row = this.#store.get<{ sealed: Uint8Array }>(
      "SELECT sealed FROM opening WHERE session = ?",
      session,
    );
    if (row === undefined) return undefined;
    const text = Buffer.from(this.#vault.open(PURPOSE, [session], row.sealed)).toString("utf8");
    const read = schema.safeParse(JSON.parse(text));
    if (read.success) return read.data;
    throw new OperatorError("damaged", "What opens this node's commitments is damaged; restore its folder.");
  }
}

/** Bytes in hex. */
export interface OpeningsRecord {
  readonly data: { readonly salt: string; readonly digest: string };
  readonly filter: { readonly salt: string; readonly text: string };
}

export function openingsRecord({ data, filter }: Openings): OpeningsRecord {
  return {
    data: { salt: toHex(data.salt), digest: toHex(data.digest) },
    filter: { salt: toHex(filter.salt), text: filter.text },
  };
}
