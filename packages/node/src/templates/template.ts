// A template as it is written in YAML: a request from the side that answers, with named parameters in some places and the range of each
// (protocol-spec.md, section 8.8).
import { TEMPLATE_BYTES_MAX, TEMPLATE_VERSION_MAX, PARAMETERS_MAX } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { z } from "zod";
import { nameSchema } from "../config/names.ts";
import { checkYaml, openYaml, yamlError, type YamlValue } from "../config/yaml.ts";
import { OperatorError, type Problem } from "../errors.ts";
import { requestFrom, type ReportRequest } from "../request/request.ts";
import { requestSchema } from "../request/schema.ts";
import {
  defaultOf,
  literalOf,
  parameterSchema,
  rangeWords,
  readValue,
  samplesOf,
  yamlValueOf,
  type Parameter,
  type ParameterValue,
} from "./parameters.ts";
import { filled, filledFilter, piecesOf, placesIn, type Path } from "./places.ts";

const RUNS_MAX = 1000;
/** Runs are counted over so many days at most. */
export const TEMPLATE_DAYS_MAX = 366;
const DESCRIPTION_MAX = 1000;

const version = `Write a whole number from 1 to ${TEMPLATE_VERSION_MAX}, larger than that of the version before.`;
const description = `Write what the report says, at most ${DESCRIPTION_MAX} characters.`;
const expires = 'Write a date, for example "2027-06-30": the template ends as that day begins in UTC.';
const runs = `Write how many runs may be made in \`days\`, 1 to ${RUNS_MAX}.`;
const days = `Write in how many days, 1 to ${TEMPLATE_DAYS_MAX}.`;

const headSchema = z.strictObject(
  {
    name: nameSchema,
    version: z.int(version).min(1, version).max(TEMPLATE_VERSION_MAX, version),
    description: z.string(description).min(1, description).max(DESCRIPTION_MAX, description),
    expires: z
      .string(expires)
      .regex(/^\d{4}-\d{2}-\d{2}$/, expires)
      .refine((text) => !Number.isNaN(Date.parse(text)), expires),
    runs: z.int(runs).min(1, runs).max(RUNS_MAX, runs).default(10),
    days: z.int(days).min(1, days).max(TEMPLATE_DAYS_MAX, days).default(30),
  },
  "Write name, version, description and expires.",
);

const NAME = /^[a-z][a-z0-9_]{0,31}$/;
const aName = "Write a name of lower-case letters, digits and _, at most 32.";
const parameters = z
  .record(z.string().regex(NAME, aName), parameterSchema, "Write the parameters by their names.")
  .refine((all) => Object.keys(all).length <= PARAMETERS_MAX, `Write at most ${PARAMETERS_MAX} parameters.`)
  .default({});

const fileSchema = z.looseObject({ template: headSchema, parameters });

type Head = Readonly<z.output<typeof headSchema>>;

export interface Template extends Head {
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** In the order of the file. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** The text as it is. */
  readonly text: string;
  /** The rest of the document, a request with places in it; its lines are those of the text. */
  readonly body: YamlValue<Readonly<Record<string, unknown>>>;
}

/** A value for each parameter, in the order of the template. */
export type Values = ReadonlyMap<string, ParameterValue>;

/** Reads a template and tries it with values at the ends of all ranges. Errors: `yaml`, with all problems found. */
export function parseTemplate(text: string, file: string): Template {
  const template = readTemplate(text, file);
  const problems = [...bodyProblems(template), ...placeProblems(template)];
  if (problems.length > 0) throw yamlError(file, problems);
  const usual = usualValues(template);
  const request = requestOf(template, usual, file);
  if (request.roles === "either") {
    const remedy = "Write `receiver: us` or `receiver: them`.";
    throw yamlError(file, [{ line: 1, field: "receiver", fault: "it is missing", remedy }]);
  }
  for (const values of sampledValues(template)) requestOf(template, values, file);
  return template;
}

/** As `parseTemplate`, of a text that has been tried before. Errors: `yaml`. */
export function readTemplate(text: string, file: string): Template {
  if (Buffer.byteLength(text) > TEMPLATE_BYTES_MAX) {
    const remedy = `Keep it under ${TEMPLATE_BYTES_MAX} bytes.`;
    throw yamlError(file, [{ line: 1, field: "", fault: "the template is too long", remedy }]);
  }
  const open = openYaml(text, file);
  const { template: head, parameters: declared, ...body } = checkYaml(open, file, fileSchema);
  return {
    ...head,
    expiresAt: Date.parse(`${head.expires}T00:00:00Z`),
    parameters: new Map(Object.entries(declared)),
    text,
    body: { ...open, value: body },
  };
}

/** What a request may have and a template may not, and what it must say that a request need not. */
function bodyProblems({ body }: Template): Problem[] {
  const problem = (field: string, fault: string, remedy: string): Problem => {
    return { line: body.lineOf(field.split(".")), field, fault, remedy };
  };
  const has = (field: string) => Object.hasOwn(body.value, field);
  const ours = body.value["ours"] as { readonly dataset?: unknown } | undefined;
  return [
    ...(has("partner")
      ? [problem("partner", "it does not belong here", "Say whom it is for as you publish it.")]
      : []),
    ...(has("sink")
      ? [problem("sink", "it does not belong here", "Remove it: whoever runs it has sinks.")]
      : []),
    ...(has("series")
      ? [problem("series", "a template is for one report", "Remove it: a series is approved once as it is.")]
      : []),
    ...(has("match")
      ? []
      : [problem("match", "it is missing", "Write the match keys, for example [email].")]),
    ...(placesIn(ours?.dataset).length > 0
      ? [problem("ours.dataset", "it is a parameter", "Write the name of your dataset: its policy holds.")]
      : []),
  ];
}

/** Parameters that are not declared, stand nowhere, or have no bound where one is needed. */
function placeProblems({ body, parameters: declared }: Template): Problem[] {
  const inFilter = filterOf(body.value) === undefined ? [] : piecesOf(filterOf(body.value)!);
  if ("fault" in inFilter) return [{ line: body.lineOf(WHERE), field: "ours.where", ...inFilter }];
  const places = [
    ...placesIn(withoutFilter(body.value)),
    ...inFilter.flatMap((piece) => ("name" in piece ? [{ name: piece.name, path: WHERE }] : [])),
  ];
  const standing = new Set(places.map(({ name }) => name));
  const unused = [...declared.keys()].filter((name) => !standing.has(name));
  return [
    ...places.flatMap(({ name, path }) => placeProblem(declared.get(name), name, path, body.lineOf(path))),
    ...unused.map((name) => ({
      line: body.lineOf(["parameters", name]),
      field: `parameters.${name}`,
      fault: "it stands nowhere",
      remedy: `Write $${name} where its value belongs, or remove it.`,
    })),
  ];
}

function placeProblem(parameter: Parameter | undefined, name: string, path: Path, line: number): Problem[] {
  const field = path.join(".");
  const problem = (fault: string, remedy: string) => [{ line, field, fault, remedy }];
  if (parameter === undefined)
    return problem(`there is no parameter ${quoted(name)}`, "Declare it in `parameters`.");
  const [isNumber, bounds] = boundsOf(parameter);
  if (field === "epsilon" && !(isNumber && bounds.at_most !== undefined))
    return problem(`${quoted(name)} has no end`, "Give it a type number, and `at_most`.");
  if (field === "threshold" && !(isNumber && bounds.at_least !== undefined))
    return problem(`${quoted(name)} has no end`, "Give it a type integer, and `at_least`.");
  if (parameter.type === "dataset" && field !== "theirs.dataset")
    return problem(`${quoted(name)} is a dataset`, "It can stand in `theirs.dataset` alone.");
  if (path === WHERE && literalOf(parameter, "") === undefined)
    return problem(`${quoted(name)} is no single value`, "Use a date, an integer, a number or a choice.");
  return [];
}

function boundsOf(parameter: Parameter) {
  const isNumber = parameter.type === "integer" || parameter.type === "number";
  return [isNumber, isNumber ? parameter : { at_least: undefined, at_most: undefined }] as const;
}

const WHERE: Path = ["ours", "where"];

/** Of our own rows. */
export function filterOf(body: Readonly<Record<string, unknown>>): string | undefined {
  const ours = body["ours"];
  const where = typeof ours === "object" && ours !== null ? (ours as { where?: unknown }).where : undefined;
  return typeof where === "string" ? where : undefined;
}

function withoutFilter(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (filterOf(body) === undefined) return body;
  const { where: _, ...ours } = body["ours"] as Record<string, unknown>;
  return { ...body, ours };
}

/** Every parameter's default, or else the first of its samples. */
export function usualValues({ parameters: declared }: Template): Values {
  return new Map([...declared].map(([name, parameter]) => [name, samplesOf(parameter)[0]!]));
}

/** One parameter at an end of its range, the others as usual. */
export function sampledValues(template: Template): Values[] {
  const usual = usualValues(template);
  const others = [...template.parameters].flatMap(([name, parameter]) =>
    samplesOf(parameter).map((value) => new Map([...usual, [name, value]])),
  );
  return [usual, ...others];
}

/**
 * The values that somebody gives by name, with defaults for what is left out. Errors: `template`, naming each parameter that is missing, unknown
 * or outside of its range.
 */
export function valuesOf(template: Template, given: Readonly<Record<string, unknown>>): Values {
  const problems: Problem[] = [];
  const complain = (field: string, fault: string, remedy: string) =>
    problems.push({ line: template.body.lineOf(["parameters", field]), field, fault, remedy });
  for (const name of Object.keys(given)) {
    if (template.parameters.has(name)) continue;
    const names = [...template.parameters.keys()];
    const remedy = names.length === 0 ? "It has none" : `It has ${names.join(", ")}`;
    complain(name, "the template has no such parameter", remedy);
  }
  const values = new Map<string, ParameterValue>();
  for (const [name, parameter] of template.parameters) {
    const read = readGiven(parameter, Object.hasOwn(given, name) ? given[name] : undefined);
    if ("value" in read) values.set(name, read.value);
    else complain(name, read.fault, `Write ${read.remedy}`);
  }
  if (problems.length === 0) return values;
  const words = problems.map(({ field, fault, remedy }) => `${field}: ${fault}. ${remedy}.`);
  throw new OperatorError("template", [`The template ${quoted(template.name)}:`, ...words].join("\n"), {
    problems,
  });
}

function readGiven(parameter: Parameter, given: unknown): ReturnType<typeof readValue> {
  if (given !== undefined) return readValue(parameter, given);
  const usual = defaultOf(parameter);
  return usual === undefined ? { fault: "it is missing", remedy: rangeWords(parameter) } : { value: usual };
}

/** The request with these values, as its owner sees it. Errors: `yaml`. */
export function requestOf(
  { body, parameters: declared }: Template,
  values: Values,
  file: string,
): ReportRequest {
  const yaml = (name: string) => yamlValueOf(declared.get(name)!, values.get(name)!);
  const where = filterOf(body.value);
  const rest = filled(withoutFilter(body.value), yaml) as Record<string, unknown>;
  const ours = where === undefined ? {} : { where: filterWith(where, { parameters: declared }, values) };
  const value = {
    ...rest,
    partner: "partner",
    ...(where !== undefined && { ours: { ...(rest["ours"] as object), ...ours } }),
  };
  const read = { ...body, value };
  return requestFrom({ ...read, value: checkYaml(read, file, requestSchema) }, file);
}

/** A filter with the values in its places: that of the template, or one that the side which runs it has for its own rows. Errors: `template`. */
export function filterWith(
  where: string,
  { parameters: declared }: Pick<Template, "parameters">,
  values: Values,
): string {
  const complain = (words: string) => new OperatorError("template", `The filter: ${words}`);
  const text = filledFilter(where, (name) => {
    const parameter = declared.get(name);
    const literal = parameter && literalOf(parameter, values.get(name)!);
    if (literal === undefined) throw complain(`${quoted(name)} is no parameter that can stand in a filter.`);
    return literal;
  });
  if (text !== undefined) return text;
  const fault = piecesOf(where);
  throw complain("fault" in fault ? `${fault.fault}. ${fault.remedy}` : "it cannot be read.");
}
