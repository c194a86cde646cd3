// Turns the flags of `dataset add` into a definition as config.yaml holds it. The definition itself is checked where it is
// read.
import { quoted } from "@halfroom/report";
import { badInput, type OperatorError } from "../../failure.ts";
import { SOURCE_FLAGS, sourceOf, type SourceFlags } from "./source-flags.ts";

/** All of them are text; the lists may be repeated. */
export interface DefinitionFlags extends SourceFlags {
  readonly match: readonly string[];
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly plus?: string | undefined;
  readonly hashed: readonly string[];
  readonly split: readonly string[];
  readonly "null-word": readonly string[];
  readonly person?: string | undefined;
  readonly dimension: readonly string[];
  readonly measure: readonly string[];
  readonly expression: readonly string[];
  readonly type: readonly string[];
  readonly time?: string | undefined;
  readonly zone?: string | undefined;
  readonly where?: string | undefined;
  readonly population?: string | undefined;
}

/** Of the flags that may be repeated none. */
export const NO_FLAGS = {
  file: [],
  match: [],
  hashed: [],
  split: [],
  "null-word": [],
  dimension: [],
  measure: [],
  expression: [],
  type: [],
} satisfies DefinitionFlags;

export const DEFINITION_FLAGS = [
  ...SOURCE_FLAGS,
  ...(["match", "profile", "region", "plus", "hashed", "split", "person"] as const),
  ...(["dimension", "measure", "null-word"] as const),
  ...(["expression", "type", "time", "zone", "where", "population"] as const),
] satisfies (keyof DefinitionFlags)[];

/** The names of the flags that were given. */
export function givenFlags(flags: DefinitionFlags): (keyof DefinitionFlags)[] {
  return DEFINITION_FLAGS.filter((flag) => {
    const value = flags[flag];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
}

type Fields = Record<string, unknown>;

/** Throws OperatorError naming the flag and the remedy. */
export async function definitionOf(flags: DefinitionFlags): Promise<Fields> {
  const { person, time, zone, where, population } = flags;
  const dimensions = entriesOf("dimension", flags.dimension, parseDimension);
  const measures = entriesOf("measure", flags.measure, parseMeasure);
  attachExpressions(flags.expression, dimensions, measures);
  const columns = entriesOf("type", flags.type, parseType);
  return {
    source: await sourceOf(flags),
    ...(columns.size > 0 && { columns: Object.fromEntries(columns) }),
    ...(flags["null-word"].length > 0 && { nullWords: flags["null-word"] }),
    match: matchOf(flags),
    ...(person !== undefined && { person }),
    dimensions: Object.fromEntries(dimensions),
    measures: Object.fromEntries(measures),
    ...(time !== undefined && { time: { column: time } }),
    ...(zone !== undefined && { zone }),
    ...(where !== undefined && { where }),
    ...(population !== undefined && { population }),
  };
}

const TYPES = ["email", "phone", "maid", "postal", "custom"];

/** The key that a `--match` flag declares. */
export function keyNameOf(flag: string): string {
  const [left] = splitAt(flag, flag.indexOf("="));
  return splitAt(left, left.lastIndexOf(":"))[0];
}

function matchOf(flags: DefinitionFlags): Fields {
  const { profile, region, plus, hashed } = flags;
  const splits = entriesOf("split", flags.split, parseSplit);
  const keys = entriesOf("match", flags.match, (flag) => {
    const [left, columns = ""] = splitAt(flag, flag.indexOf("="));
    const [name, type] = splitAt(left, left.lastIndexOf(":"));
    const parts = columns.split(",");
    const fault = (what: string) => faultOf("match", flag, what, "TYPE=COLUMN or NAME:TYPE=COLUMN,COLUMN");
    if (parts.includes("") || name === "") throw fault("a column is missing");
    if (!TYPES.includes(type ?? name)) throw fault(`its type must be one of ${TYPES.join(", ")}`);
    const kind = type ?? name;
    const key = {
      ...(type !== undefined && type !== name && { type }),
      columns: parts.length === 1 ? columns : parts,
      ...((kind === "email" || kind === "phone") && profile !== undefined && { profile }),
      ...(kind === "phone" && region !== undefined && { region }),
      ...(kind === "phone" && plus !== undefined && { plus: plus === "yes" }),
      ...(hashed.includes(name) && { hashed: true }),
      ...(splits.has(name) && { split: splits.get(name) }),
    };
    return [name, key];
  });
  const phones = [...keys].some(([name, { type }]) => (type ?? name) === "phone");
  if (!phones && (region ?? plus) !== undefined) {
    throw badInput("--region and --plus are for telephone numbers; give --match phone=COLUMN.");
  }
  const unknown = hashed.find((name) => !keys.has(name));
  if (unknown !== undefined) throw badInput(`--hashed ${unknown}: there is no --match of that name.`);
  const lone = [...splits.keys()].find((name) => !keys.has(name));
  if (lone !== undefined) throw badInput(`--split ${lone}: there is no --match of that name.`);
  return Object.fromEntries(keys);
}

function parseSplit(flag: string): [string, string] {
  const [name, separator = ""] = splitAt(flag, flag.indexOf("="));
  if (name === "" || separator === "")
    throw faultOf("split", flag, "a part is missing", 'KEY=SEPARATOR, for example email=";"');
  return [name, separator];
}

/** Options come last, so that a name or a column may contain a colon. */
const DIMENSION_OPTION =
  /:(bands=-?\d+(?:,-?\d+)*|frequency|week|month|pick=[^:]+|last-by=[^:]+|null=[^:]*)$/;
const PICKS: Readonly<Record<string, string>> = {
  first: "first",
  "most-frequent": "most frequent",
  sum: "sum",
};

function parseDimension(flag: string): [string, Fields] {
  const { rest, options } = takeOptions(flag, DIMENSION_OPTION);
  const fields: Fields = namedColumn(rest);
  for (const option of options) {
    const [what, value = ""] = splitAt(option, option.indexOf("="));
    if (what === "bands") fields["derive"] = { bands: value.split(",").map(Number) };
    else if (what === "last-by") fields["pick"] = { lastBy: value };
    else if (what === "null") fields["null"] = value === "drop" ? "drop" : { label: value };
    else if (what !== "pick") fields["derive"] = what;
    else if (Object.hasOwn(PICKS, value)) fields["pick"] = PICKS[value];
    else
      throw faultOf(
        "dimension",
        flag,
        `pick must be one of ${Object.keys(PICKS).join(", ")}`,
        DIMENSION_EXAMPLE,
      );
  }
  return [nameOf("dimension", flag, rest, DIMENSION_EXAMPLE), fields];
}

const DIMENSION_EXAMPLE = "NAME, NAME=COLUMN or NAME=COLUMN:OPTION, for example age_band=age:bands=18,25,35";

function parseMeasure(flag: string): [string, Fields] {
  const { rest, options } = takeOptions(flag, /:(null=zero|null=drop|round|format=[^:]+)$/);
  const fields: Fields = namedColumn(rest);
  for (const option of options) {
    const [what, value] = splitAt(option, option.indexOf("="));
    fields[what] = value ?? true;
  }
  return [
    nameOf("measure", flag, rest, "NAME, NAME=COLUMN or NAME=COLUMN:OPTION, for example amount:round"),
    fields,
  ];
}

const TYPE_EXAMPLE = "COLUMN=TYPE, or COLUMN=date:format=FORMAT as in sold_on=date:format=%d.%m.%Y";

function parseType(flag: string): [string, string | Fields] {
  const formatAt = flag.search(/(?<==(?:date|timestamp)):format=/);
  const [typed, format] = splitAt(flag, formatAt);
  const [name, type = ""] = splitAt(typed, typed.lastIndexOf("="));
  if (name === "" || type === "") throw faultOf("type", flag, "a part is missing", TYPE_EXAMPLE);
  if (format === undefined) return [name, type];
  const formats = format.slice("format=".length).split("|");
  return [name, { type, format: formats.length === 1 ? formats[0] : formats }];
}

function takeOptions(flag: string, pattern: RegExp): { rest: string; options: string[] } {
  const options: string[] = [];
  let rest = flag;
  for (let found = pattern.exec(rest); found !== null; found = pattern.exec(rest)) {
    options.unshift(found[1]!);
    rest = rest.slice(0, found.index);
  }
  return { rest, options };
}

function namedColumn(flag: string): Fields {
  const [, column] = splitAt(flag, flag.indexOf("="));
  return column === undefined ? {} : { column };
}

function nameOf(flagName: string, flag: string, rest: string, example: string): string {
  const [name, column] = splitAt(rest, rest.indexOf("="));
  if (name === "" || column === "") throw faultOf(flagName, flag, "a name is missing", example);
  return name;
}

/** `--expression NAME=SQL` replaces the column of the dimension or measure. */
function attachExpressions(
  flags: readonly string[],
  dimensions: ReadonlyMap<string, Fields>,
  measures: ReadonlyMap<string, Fields>,
): void {
  const expressions = entriesOf("expression", flags, (flag): [string, string] => {
    const [name, sql = ""] = splitAt(flag, flag.indexOf("="));
    if (name === "" || sql.trim() === "") throw faultOf("expression", flag, "a part is missing", "NAME=SQL");
    return [name, sql];
  });
  for (const [name, expression] of expressions) {
    const fields = dimensions.get(name) ?? measures.get(name);
    if (fields === undefined) {
      throw badInput(`--expression ${name}: there is no --dimension or --measure of that name.`);
    }
    fields["expression"] = expression;
  }
}

function entriesOf<T>(
  flagName: string,
  flags: readonly string[],
  parse: (flag: string) => readonly [string, T],
): Map<string, T> {
  const entries = new Map<string, T>();
  for (const flag of flags) {
    const [name, value] = parse(flag);
    if (entries.has(name)) throw badInput(`--${flagName} ${flag}: ${quoted(name)} is given twice.`);
    entries.set(name, value as T);
  }
  return entries;
}

function splitAt(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function faultOf(name: string, flag: string, what: string, example: string): OperatorError {
  return badInput(`--${name} ${flag}: ${what}.\nGive ${example}.`);
}
