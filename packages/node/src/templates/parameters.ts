// The named parameters of a template: what each may be, and the one form of each value (protocol-spec.md, section 8.8). Each message is the
// remedy shown to the user.
import { GROUP_BY_MAX } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { NAME_LENGTH_MAX, nameField } from "@halfroom/session";
import { z } from "zod";

const CHOICES_MAX = 64;
const DESCRIPTION_MAX = 200;
/** Of a number: nine digits before the point and six behind, which a double holds exactly. */
const DECIMAL = /^-?(0|[1-9]\d{0,8})(\.\d{1,6})?$/;
const INTEGER = /^-?(0|[1-9]\d{0,14})$/;

/** As terms have it: text, or a list of columns. */
export type ParameterValue = string | readonly string[];

const aDate = "Write a date, for example 2027-01-04.";
const date = z.string(aDate).refine(isDate, aDate);
const aNumber = "Write a number of at most 9 digits before the point and 6 behind.";
const number = z.number(aNumber).refine((value) => DECIMAL.test(String(value)), aNumber);
const whole = z.int("Write a whole number.");
const aChoice = `Write a list of 1 to ${CHOICES_MAX} texts of at most ${NAME_LENGTH_MAX} characters, each once, without control characters and backslashes.`;
const choice = nameField(aChoice).refine((text) => !text.includes("\\"), aChoice);
const isDistinct = (names: readonly string[]) => new Set(names).size === names.length;
const choices = z
  .array(choice, aChoice)
  .min(1, aChoice)
  .max(CHOICES_MAX, aChoice)
  .refine(isDistinct, aChoice);
const count = `Write a number of columns, 0 to ${GROUP_BY_MAX}.`;
const columnCount = z.int(count).min(0, count).max(GROUP_BY_MAX, count);
const columns = z.array(nameField("Write a column's name."), "Write a list of columns.");
const about = `Write what it is for, at most ${DESCRIPTION_MAX} characters on one line.`;
const description = z
  .string(about)
  .max(DESCRIPTION_MAX, about)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, about)
  .optional();

export const parameterSchema = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({
        type: z.literal("date"),
        description,
        from: date.optional(),
        to: date.optional(),
        default: date.optional(),
      }),
      z.strictObject({
        type: z.literal("integer"),
        description,
        at_least: whole.optional(),
        at_most: whole.optional(),
        default: whole.optional(),
      }),
      z.strictObject({
        type: z.literal("number"),
        description,
        at_least: number.optional(),
        at_most: number.optional(),
        default: number.optional(),
      }),
      z.strictObject({ type: z.literal("choice"), description, of: choices, default: choice.optional() }),
      z.strictObject({
        type: z.literal("columns"),
        description,
        of: choices,
        at_least: columnCount.default(1),
        at_most: columnCount.default(GROUP_BY_MAX),
        default: columns.optional(),
      }),
      z.strictObject({ type: z.literal("dataset"), description, default: choice.optional() }),
    ],
    "Write a type (date, integer, number, choice, columns or dataset) and its range.",
  )
  .superRefine((parameter, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    const [least, most] = boundsOf(parameter);
    if (least !== undefined && most !== undefined && least > most)
      complain(parameter.type === "date" ? "to" : "at_most", "Write one that is not below the other bound.");
    if (parameter.default === undefined) return;
    const read = readValue(parameter, parameter.default);
    if ("fault" in read) complain("default", `Write ${read.remedy}.`);
  });

export type Parameter = Readonly<z.output<typeof parameterSchema>>;

function boundsOf(
  parameter: Parameter,
): readonly [low: number | string | undefined, high: number | string | undefined] {
  if (parameter.type === "date") return [parameter.from, parameter.to];
  if (parameter.type === "choice" || parameter.type === "dataset") return [undefined, undefined];
  if (parameter.type === "columns")
    return [parameter.at_least, Math.min(parameter.at_most, parameter.of.length)];
  return [parameter.at_least, parameter.at_most];
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** What is wrong with a value, and what would not be: "a whole number, 100 or more". */
export interface ValueFault {
  readonly fault: string;
  readonly remedy: string;
}

/** The value in its one form. `given` comes from a command line, a form or terms: text, a number, or a list of either. */
export function readValue(
  parameter: Parameter,
  given: unknown,
): { readonly value: ParameterValue } | ValueFault {
  const remedy = rangeWords(parameter);
  const texts = (Array.isArray(given) ? given : [given]).map((each) => String(each));
  if (parameter.type === "columns") {
    const [least, most] = [parameter.at_least, parameter.at_most];
    const fits = texts.length >= least && texts.length <= most && isDistinct(texts);
    const unknown = texts.find((text) => !parameter.of.includes(text));
    if (unknown !== undefined) return { fault: `it has ${quoted(unknown)}`, remedy };
    return fits ? { value: texts } : { fault: `it has ${texts.length} columns, or one twice`, remedy };
  }
  const [text] = texts;
  if (texts.length !== 1 || text === undefined) return { fault: "it is a list", remedy };
  const value = scalarOf(parameter, text);
  return value === undefined
    ? { fault: `it is ${quoted(text.slice(0, NAME_LENGTH_MAX))}`, remedy }
    : { value };
}

/** Undefined for what is outside of the range, or of another type. */
function scalarOf(parameter: Exclude<Parameter, { type: "columns" }>, text: string): string | undefined {
  switch (parameter.type) {
    case "date":
      return isDate(text) && isBetween(text, parameter.from, parameter.to) ? text : undefined;
    case "integer":
    case "number": {
      const form = parameter.type === "integer" ? INTEGER : DECIMAL;
      if (!form.test(text) || !isBetween(Number(text), parameter.at_least, parameter.at_most))
        return undefined;
      return plainDecimal(text);
    }
    case "choice":
      return parameter.of.includes(text) ? text : undefined;
    case "dataset":
      return choice.safeParse(text).success ? text : undefined;
  }
}

function isBetween<T extends number | string>(value: T, low: T | undefined, high: T | undefined): boolean {
  return (low === undefined || value >= low) && (high === undefined || value <= high);
}

/** Without zeros at the end of what is behind the point, and without -0. */
function plainDecimal(text: string): string {
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short;
}

/** "a date from 2027-01-04", "a whole number, 100 or more", "one of "a" and "b"". */
export function rangeWords(parameter: Parameter): string {
  switch (parameter.type) {
    case "date": {
      const { from, to } = parameter;
      const first = from === undefined ? "" : ` from ${from}`;
      return `a date${first}${to === undefined ? "" : `${first === "" ? " up" : ""} to ${to}`}`;
    }
    case "integer":
      return `a whole number${between(parameter.at_least, parameter.at_most)}`;
    case "number":
      return `a number${between(parameter.at_least, parameter.at_most)}`;
    case "choice":
      return `one of ${parameter.of.map(quoted).join(", ")}`;
    case "columns": {
      const [least, most] = [parameter.at_least, Math.min(parameter.at_most, parameter.of.length)];
      return `${least === most ? least : `${least} to ${most}`} of ${parameter.of.map(quoted).join(", ")}`;
    }
    case "dataset":
      return "the name of a dataset of the side that runs it";
  }
}

function between(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}`;
  if (least !== undefined) return `, ${least} or more`;
  return most === undefined ? "" : `, ${most} or less`;
}

/** What is used where nothing is given; undefined for a parameter that has to be given. */
export function defaultOf(parameter: Parameter): ParameterValue | undefined {
  if (parameter.default === undefined) return undefined;
  const read = readValue(parameter, parameter.default);
  return "value" in read ? read.value : undefined;
}

const DATE_SAMPLE = "2027-01-04";

/** Values at the ends of its range, and all of a short list: if each of these makes a request, so does what is between. The first is the default. */
export function samplesOf(parameter: Parameter): ParameterValue[] {
  const usual = defaultOf(parameter);
  return [...(usual === undefined ? [] : [usual]), ...endsOf(parameter)];
}

function endsOf(parameter: Parameter): ParameterValue[] {
  switch (parameter.type) {
    case "date": {
      const ends = [parameter.from, parameter.to].filter((end) => end !== undefined);
      return ends.length === 0 ? [DATE_SAMPLE] : ends;
    }
    case "integer":
    case "number": {
      const ends = [parameter.at_least, parameter.at_most].filter((end) => end !== undefined);
      return ends.length === 0 ? ["1"] : ends.map((end) => plainDecimal(String(end)));
    }
    case "choice":
      return [...parameter.of];
    case "columns": {
      const { of, at_least: least, at_most: most } = parameter;
      const lists = [of.slice(0, least), of.slice(0, most), of.slice(-most)];
      return least <= 1 && most >= 1 ? [...lists, ...of.map((column) => [column])] : lists;
    }
    case "dataset":
      return ["dataset"];
  }
}

/** As a request's YAML would have it. */
export function yamlValueOf({ type }: Parameter, value: ParameterValue): unknown {
  return type === "integer" || type === "number" ? Number(value) : value;
}

/**
 * As SQL: a literal of its type in parentheses, which touches nothing beside it. A text has no backslash and no control character, its quotes are
 * doubled. Undefined where it stands for no single value.
 */
export function literalOf({ type }: Parameter, value: ParameterValue): string | undefined {
  if (typeof value !== "string" || type === "dataset" || type === "columns") return undefined;
  if (type === "date") return `(DATE '${value}')`;
  return type === "choice" ? `('${value.replaceAll("'", "''")}')` : `(${value})`;
}
