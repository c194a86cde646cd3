import { suppressOptOuts } from "../datasets/opt-outs.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface OptOutFile {
  /** CSV, NDJSON or Parquet, told by its ending. */
  readonly file: string;
  /** The columns of each match key in the file; if none is named, columns are found by the names of the keys. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** Whether the file holds SHA-256 digests instead of e-mail addresses and phone numbers. */
  readonly hashed?: boolean;
}

export interface Suppressed {
  /** Identifiers in the file, by key. */
  readonly found: Readonly<Record<string, number>>;
  /** Of these, how many were not on the list before. */
  readonly added: number;
}

/**
 * Leaves the people of a file out of every later session, and deletes them from the caches. A person who has one of the
 * identifiers is out with all others. Rejects with OperatorError `no-column`, `no-key`, `flags`, and `data-` codes for the file.
 */
export async function suppress(
  node: HalfroomNode,
  { file, columns = {}, hashed = false }: OptOutFile,
): Promise<Suppressed> {
  return await withState(node, async (state) => {
    const list = { file, columns: new Map(Object.entries(columns)), hashed };
    const { found, added } = await suppressOptOuts(state, list);
    return { found: Object.fromEntries(found), added };
  });
}

/**
 * Leaves the people on the list of `owner` out of the sessions of `node` too, while both are open. Neither list changes. A
 * rehearsal does this for a dataset that the owner declares.
 */
export async function adoptSuppressList(node: HalfroomNode, owner: HalfroomNode): Promise<void> {
  await withState(node, ({ suppressed }) => withState(owner, (state) => suppressed.adopt(state.suppressed)));
}
