// Reading a list of people who opted out, whichever match key it identifies them by.
import { allRows, type ByteRows } from "@halfroom/crypto";
import {
  datasetSchema,
  InputError,
  kindOfFile,
  prepareReceiverDataset,
  PROFILE_NAMES,
  profileOf,
  type Dataset,
  type RowCounts,
} from "@halfroom/prepare";
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { OperatorError } from "../errors.ts";

type MatchKey = Dataset["match"][string];
/** Each key with every set of rules it may have: under different rules the same person has a different identifier. */
type KeyRules = ReadonlyMap<string, readonly MatchKey[]>;

const PROFILES = [...new Set(PROFILE_NAMES.map((name) => profileOf(name)!.version))];

export interface OptOutFile {
  readonly file: string;
  /** The columns of each match key in the file; if none is named, columns are found by the names of the keys. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Whether the file holds SHA-256 digests instead of e-mail addresses and phone numbers. */
  readonly hashed: boolean;
  /** Of one person who was typed: what cannot be read is an error then. */
  readonly isOne?: boolean | undefined;
}

export interface UnreadRows {
  /** The key and what its value is, as "email: invalid". */
  readonly reason: string;
  readonly rows: number;
  /** Numbers of the first few; in a CSV file the header is row 1. */
  readonly examples: readonly number[];
}

export interface Changed {
  /** Identifiers in the file, by key. */
  readonly found: ReadonlyMap<string, number>;
  /** Of these, how many are now on the list and were not, or are not any more and were. */
  readonly changed: number;
  /** Rows that hold something in a key's columns which is none of its identifiers; whoever they mean is not found. */
  readonly unread: readonly UnreadRows[];
}

/** `change` is given the identifiers of each key under each set of rules, and returns how many of them changed. */
export async function forEachIdentifier(
  node: NodeState,
  list: OptOutFile,
  change: (identifiers: ByteRows) => number | Promise<number>,
): Promise<Changed> {
  const rules = keyRules(await node.rules(), list);
  const found = new Map<string, number>();
  const unread: UnreadRows[] = [];
  let changed = 0;
  for (const [key, variants] of rules) {
    let ofKey = 0;
    let least: readonly UnreadRows[] | undefined;
    for (const variant of variants) {
      const identifiers = await identifiersOf(list, key, variant, await node.scratch.open());
      if (identifiers === undefined) continue;
      found.set(key, Math.max(found.get(key) ?? 0, identifiers.people));
      ofKey = Math.max(ofKey, await change(await allRows(identifiers.identifiers)));
      const lost = unreadOf(key, identifiers);
      // What is an identifier under one set of rules was read.
      if (least === undefined || rowsOf(lost) < rowsOf(least)) least = lost;
    }
    changed += ofKey;
    unread.push(...(least ?? []));
  }
  if (found.size === 0) {
    const names = [...rules.keys()].join(", ");
    throw new OperatorError(
      "no-column",
      `${list.file} has no column named after a match key (${names}); say which it is: --match KEY=COLUMN.`,
    );
  }
  if (list.isOne === true) assertRead(found, unread, list.hashed);
  return { found, changed, unread };
}

/** Whoever types one identifier wants that person, and is not to take it for done. */
function assertRead(found: Changed["found"], unread: Changed["unread"], hashed: boolean): void {
  if ([...found.values()].some((people) => people > 0)) return;
  const why = unread.map(({ reason }) => reason).join("; ") || "it is empty";
  const remedy = hashed ? "Correct it, or say that it is no digest" : "Correct it";
  throw new OperatorError(
    "identifier",
    `The identifier cannot be read (${why}). ${remedy}; nothing was done.`,
  );
}

/** All that was dropped but the rows that have nothing in the key's columns: a list may know each person by another key. */
function unreadOf(key: string, { dropped, examples }: RowCounts): UnreadRows[] {
  return Object.entries(dropped)
    .filter(([reason]) => reason !== `${key}: empty`)
    .map(([reason, rows]) => ({ reason, rows, examples: examples[reason] ?? [] }));
}

function rowsOf(unread: readonly UnreadRows[]): number {
  return unread.reduce((sum, { rows }) => sum + rows, 0);
}

/** The keys to look for: those that the caller names, or every key of every dataset, and always e-mail addresses. */
function keyRules({ datasets }: Settings, { columns }: OptOutFile): KeyRules {
  const declared = Object.values(datasets).flatMap(({ definition }) => Object.entries(definition.match));
  const named = columns.size > 0 ? [...columns.keys()] : ["email", ...declared.map(([key]) => key)];
  const rulesOf = (key: string) => {
    const known = declared.filter(([name]) => name === key).map(([, rules]) => rules);
    return variantsOf(key, known.length > 0 ? known : [plainRules(key)]);
  };
  return new Map([...new Set(named)].map((key) => [key, rulesOf(key)]));
}

/** Every set of rules that a dataset may have for the key, now or in future. */
function variantsOf(key: string, known: readonly MatchKey[]): MatchKey[] {
  const variants = known.flatMap((rules): MatchKey[] => {
    const type = rules.type ?? key;
    if (type === "email") return PROFILES.map((profile) => ({ ...rules, profile }));
    return type === "phone" ? [true, false].map((plus) => ({ ...rules, plus })) : [rules];
  });
  const text = ({ type, profile, region, plus }: MatchKey) => JSON.stringify([type, profile, region, plus]);
  return [...new Map(variants.map((rules) => [text(rules), rules])).values()];
}

/** Rules for a key that no dataset declares; its name is its type. */
function plainRules(key: string): MatchKey {
  const source = { csv: "unread.csv" };
  const parsed = datasetSchema.safeParse({ name: "opt-outs", source, match: { [key]: { columns: key } } });
  if (parsed.success) return parsed.data.match[key]!;
  throw new OperatorError(
    "no-key",
    `There is no match key ${quoted(key)} in any dataset; add the dataset first.`,
  );
}

/** Undefined if the file has no columns for the key and nobody said that it does. */
export async function identifiersOf(list: OptOutFile, key: string, rules: MatchKey, scratch: string) {
  const type = rules.type ?? key;
  const named = list.columns.get(key);
  const columns = named === undefined ? (type === "postal" ? rules.columns : key) : [...named];
  // Only addresses and numbers are exchanged as digests; anything else is in plain text even in such a list.
  const hashed = list.hashed && (type === "email" || type === "phone");
  const match = { [key]: { ...rules, columns, hashed } };
  const parsed = datasetSchema.safeParse({ name: "opt-outs", source: sourceOf(list.file), match });
  if (!parsed.success)
    throw new OperatorError("flags", `--match ${key}: ${parsed.error.issues[0]!.message}.`);
  try {
    return await prepareReceiverDataset(parsed.data, { match: [key], partitions: [] }, { scratch });
  } catch (error) {
    if (named === undefined && error instanceof InputError && error.code === "missing") return undefined;
    throw error;
  }
}

/** The ending decides; a file without a known one is CSV. */
function sourceOf(file: string): { csv: string } | { ndjson: string } | { parquet: string } {
  const kind = kindOfFile(file) ?? "csv";
  return kind === "csv" ? { csv: file } : kind === "ndjson" ? { ndjson: file } : { parquet: file };
}
