// YAML text to a validated value. The schema's messages are the remedies; faults and lines are worked out here.
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { z } from "zod";
import { OperatorError, type Problem } from "../errors.ts";

type Path = readonly PropertyKey[];

const TEXT_BYTES_MAX = 1 << 20;
const ALIASES_MAX = 16;

/** Where the fields of a document are in its text. */
interface Lines {
  /** The line of the field at `path`, or of the nearest field above it. */
  lineOf(path: Path): number;
}

/** A value read from YAML, and where its fields are in the text. */
export interface YamlValue<T> extends Lines {
  readonly value: T;
}

/**
 * Reads `text` (YAML 1.2) as one document that `schema` accepts. `file` names it in messages.
 * Errors: `yaml`, with all problems found.
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): YamlValue<z.infer<Schema>> {
  const open = openYaml(text, file);
  return { ...open, value: checkYaml(open, file, schema) };
}

/** Reads `text` (YAML 1.2) as one document of any form. Errors: `yaml`. */
export function openYaml(text: string, file: string): YamlValue<unknown> {
  if (Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    const remedy = `Keep it under ${TEXT_BYTES_MAX} bytes.`;
    throw yamlError(file, [{ line: 1, field: "", fault: "the file is too long", remedy }]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    field: "",
    fault: `this is not valid YAML (${error.message.replace(/\s+/g, " ")})`,
    remedy: "Correct the line.",
  }));
  const faults = [...syntax, ...unreadableKeys(document, lines)];
  if (faults.length > 0) throw yamlError(file, faults);
  return { value: plainValue(document, file), lineOf: (path) => lineAt(document, lines, path) };
}

/** The value as `schema` has it; of a part of a document, with the lines of all of it. Errors: `yaml`, with all problems found. */
export function checkYaml<Schema extends z.ZodType>(
  { value, lineOf }: YamlValue<unknown>,
  file: string,
  schema: Schema,
): z.infer<Schema> {
  const checked = schema.safeParse(value, { reportInput: false });
  if (checked.success) return checked.data;
  throw yamlError(
    file,
    checked.error.issues.flatMap((issue) => problemsOf(value, issue, lineOf)),
  );
}

/** Everything that is wrong with a file, one line of the message per problem: file, line, field, fault, remedy. */
export function yamlError(file: string, problems: readonly Problem[]): OperatorError {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const words = sorted.map(({ line, field, fault, remedy }) => {
    return `${file}, line ${line}${field === "" ? "" : `, ${field}`}: ${fault}. ${remedy}`;
  });
  return new OperatorError("yaml", words.join("\n"), { problems: sorted });
}

/** A key of this one name would silently get lost when the text becomes an object. */
function unreadableKeys(document: Document, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || key.value !== "__proto__") return;
      const line = lines.linePos(key.range?.[0] ?? 0).line;
      problems.push({
        line,
        field: "__proto__",
        fault: "a field cannot have this name",
        remedy: "Rename it.",
      });
    },
  });
  return problems;
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    const remedy = "Write the values out instead of using aliases.";
    throw yamlError(file, [{ line: 1, field: "", fault: "too many aliases", remedy }]);
  }
}

function problemsOf(value: unknown, issue: z.core.$ZodIssue, lineOf: Lines["lineOf"]): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const remedy = "Remove it, or correct its spelling.";
      return { line: lineOf(path), field: dotted(path), fault: "no such field", remedy };
    });
  }
  const fault = !hasIn(value, issue.path)
    ? "it is missing"
    : issue.code === "custom"
      ? "it does not fit"
      : "it is not valid";
  return [{ line: lineOf(issue.path), field: dotted(issue.path), fault, remedy: issue.message }];
}

function hasIn(value: unknown, path: Path): boolean {
  if (path.length === 0) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, path[0]!)) return false;
  return hasIn((value as Record<PropertyKey, unknown>)[path[0]!], path.slice(1));
}

function lineAt(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** Where a field starts: its key if it has one, since a value may begin on a later line. */
function offsetOf(document: Document, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && item.key.toJSON() === last);
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
    return undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function dotted(path: Path): string {
  return path.map(String).join(".");
}
