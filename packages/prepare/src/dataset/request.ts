// What a report asks of a dataset. It names declared keys, dimensions and measures, which are looked up here and nowhere else: no
// text from a request ever becomes part of a statement.
import { quoted } from "@halfroom/wire/words";
import { keyLabel, type IdentifierType, type KeyRules } from "../identifiers/rules.ts";
import { profileOf } from "../identifiers/profiles.ts";
import { InputError } from "../errors.ts";
import { KEYS_MAX, type Dataset, type Dimension } from "./schema.ts";

export interface MeasureRequest {
  /** A declared measure. */
  readonly name: string;
  /** Clip bounds for one person, scaled by 10^decimals; low <= high. */
  readonly low: bigint;
  readonly high: bigint;
  readonly decimals: number;
}

export interface PrepareRequest {
  /** Declared match keys, 1 to 3, in the order of the agreement. */
  readonly match: readonly string[];
  readonly measures: readonly MeasureRequest[];
  /** Lists of declared dimensions: each divides people in its own way, an empty one not at all. */
  readonly partitions: readonly (readonly string[])[];
  /** The receiver's cells or touches, several per person. */
  readonly entries?: EntriesRequest | undefined;
  /** The sender's events, at most `max` per person; the latest count. */
  readonly events?: { readonly max: number } | undefined;
  /** Whether to record each row's moment without leaving out rows that have none. */
  readonly moments?: boolean | undefined;
}

/**
 * `cells`: the first `max` cells of a partition that a person's rows reach. `touches`: the first or last `max` of a person's rows
 * in the order of time, the same in all partitions.
 */
export type EntriesRequest =
  | { readonly kind: "cells"; readonly max: number }
  | { readonly kind: "touches"; readonly max: number; readonly keep: "first" | "last" };

/** Most entries or events per person. */
const SLOTS_MAX = 16;

export interface KeyPlan extends KeyRules {
  /** What stands between several identifiers in one cell. */
  readonly split: string | undefined;
  readonly columns: readonly string[];
}

type Declared<T> = T & { readonly name: string };

/** The request, with every name replaced by what the dataset declares for it. */
export interface Plan {
  readonly dataset: Dataset;
  readonly keys: readonly KeyPlan[];
  readonly measures: readonly Declared<Dataset["measures"][string] & MeasureRequest>[];
  /** Every dimension that some partition names, once. */
  readonly dimensions: readonly Declared<Dimension>[];
  /** Indices into `dimensions`, in the order of the request. */
  readonly partitions: readonly (readonly number[])[];
  readonly entries: EntriesRequest | undefined;
  readonly events: { readonly max: number } | undefined;
  /** Whether a row's moment is ignored, recorded, or required for the row to count. */
  readonly moments: "none" | "noted" | "needed";
}

/** Throws `InputError` (`undeclared`) for a name that the dataset does not declare, RangeError for impossible bounds. */
export function planOf(dataset: Dataset, request: PrepareRequest): Plan {
  if (request.match.length < 1 || request.match.length > KEYS_MAX) {
    throw new RangeError(`1 to ${KEYS_MAX} match keys`);
  }
  request.measures.forEach(assertBounds);
  const { entries, events } = request;
  [entries, events].forEach((several) => several === undefined || assertSlots(several.max));
  const timed = events !== undefined || entries?.kind === "touches";
  if ((timed || request.moments === true) && dataset.time === undefined) throw noTime(dataset);
  const names = [...new Set(request.partitions.flat())];
  return {
    dataset,
    keys: request.match.map((name) => keyOf(dataset, name)),
    measures: request.measures.map((measure) => ({
      ...declared(dataset, "measures", measure.name),
      ...measure,
    })),
    dimensions: names.map((name) => ({ ...declared(dataset, "dimensions", name), name })),
    partitions: request.partitions.map((groupBy) => {
      if (new Set(groupBy).size < groupBy.length) throw new RangeError("a partition names a dimension once");
      return groupBy.map((name) => names.indexOf(name));
    }),
    entries,
    events,
    moments: timed ? "needed" : request.moments === true ? "noted" : "none",
  };
}

function keyOf(dataset: Dataset, name: string): KeyPlan {
  const { type, columns, profile: version, region, plus, hashed, split } = declared(dataset, "match", name);
  const profile = profileOf(version)!;
  return {
    name,
    type: type ?? (name as IdentifierType),
    profile,
    region,
    plus: plus ?? profile.plus,
    hashed,
    split,
    columns: typeof columns === "string" ? [columns] : columns,
  };
}

/** The rules of a declared match key as text, which both parties must share. Throws `InputError` for one that is not declared. */
export function keyLabelOf(dataset: Dataset, name: string): string {
  return keyLabel(keyOf(dataset, name));
}

function declared<Kind extends "match" | "measures" | "dimensions">(
  dataset: Dataset,
  kind: Kind,
  name: string,
): Dataset[Kind][string] {
  const entries = dataset[kind];
  if (!Object.hasOwn(entries, name)) {
    const names = Object.keys(entries).map(quoted);
    throw new InputError("undeclared", {
      file: `dataset ${dataset.name}`,
      field: name,
      remedy: `Under \`${kind}\` it declares ${names.length === 0 ? "nothing" : names.join(", ")}.`,
    });
  }
  return entries[name] as Dataset[Kind][string];
}

function noTime(dataset: Dataset): InputError {
  const remedy = "Events and touches need the moment of each row: declare `time` in it.";
  return new InputError("undeclared", { file: `dataset ${dataset.name}`, field: "time", remedy });
}

function assertSlots(max: number): void {
  if (!Number.isInteger(max) || max < 1 || max > SLOTS_MAX)
    throw new RangeError(`1 to ${SLOTS_MAX} a person`);
}

function assertBounds({ low, high, decimals }: MeasureRequest): void {
  if (low > high || BigInt.asIntN(64, low) !== low || BigInt.asIntN(64, high) !== high) {
    throw new RangeError("clip bounds are ordered 64-bit integers");
  }
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 18)
    throw new RangeError("decimals are 0 to 18");
}
