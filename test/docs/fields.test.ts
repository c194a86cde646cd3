// docs/requests.md, docs/policies.md and docs/settings.md against the schemas: every field with its values and its default, and an example
// of each that the schema accepts.
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { settingsSchema } from "../../packages/node/src/config/schema.ts";
import { OTHER_VARIABLES } from "../../packages/node/src/config/variables.ts";
import { policySchema } from "../../packages/node/src/policy/schema.ts";
import { requestSchema } from "../../packages/node/src/request/schema.ts";
import { blocksOf } from "./blocks.ts";
import { defaultIn, fieldRows, propertiesOf, valuesIn } from "./fields.ts";
import { ROOT } from "./typing.ts";

const PAGES = [
  ["docs/requests.md", requestSchema, requestSchema],
  ["docs/policies.md", policySchema.in, policySchema],
  ["docs/settings.md", settingsSchema, settingsSchema],
] as const;

test.each(PAGES)("%s has every field, its values and its default, as the schema has them", (page, fields) => {
  const rows = fieldRows(page);
  const faults = Object.entries(propertiesOf(fields)).flatMap(([name, property]) => {
    const row = rows.get(name);
    if (row === undefined) return [`${name}: no row`];
    const [values, fallback] = [valuesIn(name, property), defaultIn(property)];
    return [
      ...(values !== undefined && row.values !== values ? [`${name}: its values are ${values}`] : []),
      ...(fallback !== undefined && row.fallback !== fallback ? [`${name}: its default is ${fallback}`] : []),
      ...(property.maximum !== undefined && !row.values.includes(String(property.maximum))
        ? [`${name}: at most ${property.maximum}`]
        : []),
    ];
  });
  expect(faults).toEqual([]);
});

/** YAML on the page that is about these fields: an entry, or a list of them. */
function examplesIn(page: string, fields: z.ZodType): Record<string, unknown>[] {
  const names = Object.keys(propertiesOf(fields));
  return blocksOf(join(ROOT, page))
    .filter(({ words: [language] }) => language === "yaml")
    .flatMap(({ text }) => [parse(text) as Record<string, unknown> | Record<string, unknown>[]].flat())
    .filter((entry) => names.filter((name) => name in entry).length > 1);
}

test.each(PAGES)("%s has an example of every field", (page, fields, schema: z.ZodType) => {
  const examples = examplesIn(page, fields);
  const shown = new Set(examples.flatMap((example) => Object.keys(example)));
  expect(Object.keys(propertiesOf(fields)).filter((name) => !shown.has(name))).toEqual([]);
  const accepted = examples.map((example) => schema.safeParse(example).success);
  // A page may show an entry of the other side's file too.
  expect(accepted.filter(Boolean).length).toBeGreaterThan(0);
  for (const name of Object.keys(propertiesOf(fields))) {
    expect(
      examples.some((example, i) => name in example && accepted[i]),
      name,
    ).toBe(true);
  }
});

test("docs/requests.md has the fields of a side, of a measure and of arms", () => {
  const rows = fieldRows("docs/requests.md");
  const { ours, arms } = requestSchema.shape;
  expect(Object.keys(ours.shape).filter((name) => !rows.has(name))).toEqual([]);
  for (const name of Object.keys(arms.unwrap().shape))
    expect(rows.get("arms")!.values).toContain(`\`${name}\``);
});

test("docs/settings.md has the variables that are no settings", () => {
  const rows = fieldRows("docs/settings.md");
  expect(OTHER_VARIABLES.filter((name) => !rows.has(name))).toEqual([]);
});
