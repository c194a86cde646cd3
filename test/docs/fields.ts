// Fields of a schema as the tables of docs/ show them: the values that it accepts, and what holds without it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "./typing.ts";

export interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly required: boolean;
}

/** The fields of an object as it is written, defaults not filled in. */
export function propertiesOf(schema: z.ZodType): Record<string, Property> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  }) as { properties?: Record<string, Omit<Property, "required">>; required?: string[] };
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      { ...property, required: required.includes(name) },
    ]),
  );
}

const UNITS = ["seconds", "hours", "days"] as const;

/** The values as a table writes them; undefined where only words can say it. */
export function valuesIn(name: string, property: Property): string | undefined {
  const { enum: choices, const: only, type, minimum, maximum } = property;
  const all = choices ?? (only === undefined ? (type === "boolean" ? [true, false] : undefined) : [only]);
  if (all !== undefined) return all.map((value) => `\`${String(value)}\``).join(", ");
  if (minimum === undefined || maximum === undefined) return undefined;
  const unit = UNITS.find((each) => name.endsWith(`_${each}`));
  return `${minimum} to ${maximum}${unit === undefined ? "" : ` ${unit}`}`;
}

/** The default as a table writes it; undefined where only words can say it. */
export function defaultIn({ default: value, required, enum: choices }: Property): string | undefined {
  if (required) return "required";
  if (value === "") return undefined;
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((each) => `\`${String(each)}\``).join(", ");
  if (typeof value !== "boolean" && typeof value !== "number" && typeof value !== "string") return undefined;
  return typeof value === "boolean" || choices !== undefined ? `\`${value}\`` : String(value);
}

export interface FieldRow {
  readonly meaning: string;
  readonly values: string;
  readonly fallback: string;
}

/** The rows of a page's tables of fields, which have four columns: field, meaning, values, default. */
export function fieldRows(page: string): Map<string, FieldRow> {
  const text = readFileSync(join(ROOT, page), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` *\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];
  return new Map(
    rows.map(([, name, meaning, values, fallback]) => [
      name!,
      { meaning: meaning!.trim(), values: values!.trim(), fallback: fallback!.trim() },
    ]),
  );
}
