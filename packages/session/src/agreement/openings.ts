// What opens the commitments of a side's own statement (protocol-spec.md, section 8.3). It stays at home: whoever has it learns
// the filter, and can tell whether data that it knows is the data of the session.
import { commitTo, type Statement } from "./statement.ts";

export interface Openings {
  /** The digest of the prepared data, 32 bytes. */
  readonly data: { readonly salt: Uint8Array; readonly digest: Uint8Array };
  /** The filter's text; "" where there is none. */
  readonly filter: { readonly salt: Uint8Array; readonly text: string };
}

/** Which commitments of the statement they open. */
export function opened(
  statement: Pick<Statement, keyof Openings>,
  { data, filter }: Openings,
): Record<keyof Openings, boolean> {
  const holds = (commitment: Uint8Array, expected: Uint8Array) => Buffer.compare(commitment, expected) === 0;
  return {
    data: holds(statement.data, commitTo("data", data.salt, data.digest)),
    filter: holds(statement.filter, commitTo("filter", filter.salt, filter.text)),
  };
}
