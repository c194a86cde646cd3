// config.yaml, and the environment that overrides it: HALFROOM_LISTEN for `listen`, HALFROOM_SESSIONS_MAX for `sessions_max`.
import { readFile } from "node:fs/promises";
import { isMap, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import type { NodeFolder } from "../store/folder.ts";
import { fromEnvironment } from "./environment.ts";
import { variablesOf } from "../sinks/settings.ts";
import { settingsSchema, type Settings } from "./schema.ts";
import { assertVariables, variableOf } from "./variables.ts";
import { codeOf, OperatorError } from "../errors.ts";

/**
 * The node's settings. Errors: `folder`, `settings`, whose words name the file, line and field, or the variable, but never
 * the value.
 */
export async function loadSettings(
  folder: NodeFolder,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Settings> {
  const { document, lines } = await readDocument(folder.configFile);
  const written: unknown = document.toJS() ?? {};
  if (typeof written !== "object" || Array.isArray(written)) {
    throw new OperatorError(
      "settings",
      `${folder.configFile}: it must hold settings, one "name: value" per line.`,
    );
  }
  const overrides = fromEnvironment(env, SETTINGS);
  const result = settingsSchema.safeParse({ ...written, ...Object.fromEntries(overrides) });
  if (result.success) {
    assertVariables(env, SETTINGS, variablesNamed(result.data));
    return result.data;
  }
  throw new OperatorError(
    "settings",
    describeIssue(result.error.issues[0]!, folder.configFile, document, lines, overrides),
  );
}

export async function readDocument(file: string): Promise<{ document: Document; lines: LineCounter }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new OperatorError("folder", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const fault = document.errors[0];
  if (fault !== undefined) {
    throw new OperatorError(
      "settings",
      `${file}, line ${lines.linePos(fault.pos[0]).line}: this is not valid YAML (${fault.code}).`,
    );
  }
  return { document, lines };
}

const SETTINGS = Object.keys(settingsSchema.shape);

/** Names of variables that hold the addresses of databases. */
function variablesNamed({ datasets, sinks }: Settings): Set<string> {
  const sources = Object.values(datasets).map(
    ({ definition }) => definition.source as Record<string, unknown>,
  );
  const named = sources
    .flatMap((source) => Object.values(source))
    .flatMap((fields) => (typeof fields === "object" && fields !== null ? Object.entries(fields) : []))
    .filter(([field]) => field.endsWith("Variable"));
  return new Set([...named.map(([, variable]) => String(variable)), ...variablesOf(sinks)]);
}

function describeIssue(
  issue: z.core.$ZodIssue,
  file: string,
  document: Document,
  lines: LineCounter,
  overrides: ReadonlyMap<string, unknown>,
): string {
  const [top] = issue.path;
  const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
  const path = [...issue.path, ...unknown.slice(0, 1)];
  const field = path.join(".") || "settings";
  if (typeof top === "string" && overrides.has(top))
    return `${variableOf(top)}: ${field}: ${wordsOf(issue)}.`;
  const line = lineOf(document, lines, path);
  return `${file}${line === undefined ? "" : `, line ${line}`}: ${field}: ${wordsOf(issue)}.`;
}

/** For a key that is not a valid name, what is wrong with it. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

/** The line of the deepest node on the path that the file has. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => (item.key as { value?: unknown } | null)?.value === last)
      : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, depth), true)) as
      { range?: number[] } | undefined;
    if (node?.range?.[0] !== undefined) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
