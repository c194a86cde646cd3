// The dataset of each side of a rehearsal: one that a node's folder declares, or files. Of files, keys, measures and
// dimensions that the request names and no flag declares are the columns of the same name.
import { stat } from "node:fs/promises";
import { nodeFolder, readDefinition, writtenDataset, type RequestRecord } from "@halfroom/node";
import { quoted } from "@halfroom/report";
import {
  DEFINITION_FLAGS,
  NO_FLAGS,
  definitionOf,
  givenFlags,
  keyNameOf,
  type DefinitionFlags,
} from "../commands/node/dataset-flags.ts";
import { OperatorError, badInput } from "../failure.ts";
import { columnsUsed } from "./policy.ts";
import { SIDES, type Side, type SideData } from "./rehearsal.ts";

type Definition = Record<string, unknown>;

/** What the command line says about one side's data. */
export interface DataFlags extends DefinitionFlags {
  /** A file with the whole definition, which then takes no other flag. */
  readonly definition?: string | undefined;
}

/** The flags of `dataset add` as they are spelled for one side; `file` names its data. */
export function dataFlags(flags: object, side: Side, file: readonly string[]): DataFlags {
  const given = flags as Readonly<Record<string, unknown>>;
  const own = ["definition", ...DEFINITION_FLAGS].map((name) => [name, given[`${side}-${name}`]]);
  return {
    ...NO_FLAGS,
    ...(Object.fromEntries(own.filter(([, value]) => value !== undefined)) as Partial<DataFlags>),
    file,
  };
}

export interface DataQuestion {
  readonly request: RequestRecord;
  readonly data: Readonly<Record<Side, DataFlags>>;
  /** The flag that names each side's data, without its dashes. */
  readonly sourceFlags: Readonly<Record<Side, string>>;
  /** The node's folder whose datasets may be named. */
  readonly home: string | undefined;
}

/** Types of keys with a single column; a key may be named after its type. */
const KEYS_OF_A_COLUMN = ["email", "phone", "maid"];

/** Throws OperatorError naming the flag or the file, and the remedy. */
export async function sideDataOf(question: DataQuestion): Promise<Record<Side, SideData>> {
  const ours = await dataOf("ours", question, question.request.match);
  // Both sides use the same name for a key; a request without keys means the first one that our dataset declares.
  const match = question.request.match ?? Object.keys(ours.definition["match"] as object).slice(0, 1);
  return { ours, theirs: await dataOf("theirs", question, match) };
}

async function dataOf(
  side: Side,
  question: DataQuestion,
  match: readonly string[] | undefined,
): Promise<SideData> {
  const { data, sourceFlags } = question;
  const { definition, ...flags } = data[side];
  const [given] = givenFlags(flags);
  if (definition !== undefined) {
    if (given === undefined) return { definition: await readDefinition(definition), owner: undefined };
    throw badInput(
      `--${side}-definition names a file with all settings: put what --${given === "file" ? sourceFlags[side] : `${side}-${given}`} says into that file.`,
    );
  }
  const name = await namedDataset(flags, question.request[side]);
  if (name === undefined) {
    return { definition: await fromFlags(side, question, match), owner: undefined };
  }
  const named = await declared(name, question);
  if (named === undefined) throw noData(side, name, question);
  const others = givenFlags({ ...flags, file: [] });
  if (others.length === 0) return { definition: named, owner: await ownerOf(question) };
  throw badInput(
    `--${side}-${others[0]} goes with a file; the dataset ${name} is declared in its node's settings.`,
  );
}

/** The name of a dataset, unless a file, folder, pattern or query is meant. */
async function namedDataset(flags: DefinitionFlags, asked: string): Promise<string | undefined> {
  if ((flags["postgres-query"] ?? flags["mysql-query"]) !== undefined) return undefined;
  const [name, ...others] = flags.file;
  if (name === undefined) return asked;
  if (others.length > 0 || /[*?[/\\.]/.test(name)) return undefined;
  return (await stat(name).catch(() => undefined)) === undefined ? name : undefined;
}

async function declared(name: string, { home }: DataQuestion): Promise<Definition | undefined> {
  const folder = nodeFolder(home);
  // A machine without a node has no declared datasets.
  if (home === undefined && (await stat(folder.configFile).catch(() => undefined)) === undefined)
    return undefined;
  return await writtenDataset(home, name);
}

/** The folder that declares datasets, if a node lives there: one without keys has no list of people who opted out. */
async function ownerOf({ home }: DataQuestion): Promise<string | undefined> {
  const { path, signingKeyFile } = nodeFolder(home);
  return (await stat(signingKeyFile).catch(() => undefined)) === undefined ? undefined : path;
}

function noData(side: Side, name: string, { sourceFlags, home }: DataQuestion): Error {
  const flag = sourceFlags[side];
  return badInput(
    `--${flag}: there is no file ${quoted(name)}, and no dataset of that name in ${nodeFolder(home).path}.\n` +
      `Give --${flag} FILE, or --home with the folder of a node that has the dataset.`,
  );
}

async function fromFlags(
  side: Side,
  question: DataQuestion,
  match: readonly string[] | undefined,
): Promise<Definition> {
  const { request } = question;
  const flags = question.data[side];
  const keys = [...flags.match, ...missingKeys(side, flags, match)];
  const definition = await asSpelled(side, question, definitionOf({ ...flags, match: keys }));
  if (match === undefined && flags.match.length === 0) {
    throw badInput(
      `How are people matched? The request names no key: add match: [email] to it,\nor give --${side}-match email=COLUMN.`,
    );
  }
  if (request.events !== undefined && definition["time"] === undefined) {
    throw badInput(
      `A report of kind ${request.report} compares times: name the column with --${side}-time COLUMN.`,
    );
  }
  const { dimensions, measures } = columnsUsed(request, side);
  return {
    ...definition,
    dimensions: withColumns(definition["dimensions"] as Definition, dimensions),
    measures: withColumns(definition["measures"] as Definition, measures),
  };
}

/** Rewords errors about the flags of `dataset add` with the names that those flags have here. */
async function asSpelled<T>(side: Side, { sourceFlags }: DataQuestion, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const message = error.message.replaceAll(/--([a-z-]+)/g, (_, flag) =>
      flag === "file" ? `--${sourceFlags[side]}` : `--${side}-${flag}`,
    );
    throw new OperatorError(error.code, message, { cause: error });
  }
}

function withColumns(declaredOnes: Definition, names: readonly string[]): Definition {
  return { ...Object.fromEntries(names.map((name) => [name, {}])), ...declaredOnes };
}

/** A `--match` flag for each key that the request names and no flag declares. */
function missingKeys(side: Side, flags: DefinitionFlags, match: readonly string[] = []): string[] {
  const known = flags.match.map(keyNameOf);
  return match
    .filter((key) => !known.includes(key))
    .map((key) => {
      if (KEYS_OF_A_COLUMN.includes(key)) return `${key}=${key}`;
      const example = key === "postal" ? "postal=STREET,ZIP,CITY" : `${key}:custom=COLUMN`;
      throw badInput(
        `The match key ${quoted(key)} does not say which columns hold it:\ngive ${SIDES.map((each) => `--${each}-match ${example}`).join(" and ")}.`,
      );
    });
}
