// The document is a valid one of OpenAPI 3.1, by somebody else's schema, and is about the endpoints that there are.
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { ROUTES, type Route } from "../src/client.ts";
import { openSite } from "./site.ts";

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { schema: Schema }> }>>;
}
interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

async function document(): Promise<Document> {
  const { url } = await openSite();
  const response = await fetch(`${url}/api/openapi.json`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
  return (await response.json()) as Document;
}

test("whoever asks gets it, it is valid, and every reference leads somewhere", async () => {
  const seen = await document();
  expect(seen.openapi).toMatch(/^3\.1\./);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(
    structuredClone(seen) as unknown as Record<string, unknown>,
  );
  expect(valid, JSON.stringify(errors)).toBe(true);
  expect(validator.version).toBe("3.1");
  const references = [...JSON.stringify(seen).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to!);
  const known = Object.keys(seen.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(references.filter((to) => !known.includes(to))).toEqual([]);
  expect(known.length).toBeGreaterThan(8);
});

test("it has each endpoint once, with its parameters, body and answers", async () => {
  const { paths } = await document();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
  const declared = Object.entries<Route>(ROUTES);
  expect(operations.map(([, { operationId }]) => operationId).toSorted()).toEqual(
    declared.map(([name]) => name).toSorted(),
  );
  for (const [name, { method, path, roles, body, answer }] of declared) {
    const operation = paths[path]![method.toLowerCase()]!;
    expect(operation.operationId).toBe(name);
    expect(operation.security, name).toEqual(roles === "anyone" ? [] : [{ token: [] }, { person: [] }]);
    const inPath = operation.parameters.filter((each) => each.in === "path");
    expect(
      inPath.map((each) => `{${each.name}}`),
      name,
    ).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(
      inPath.every(({ required }) => required),
      name,
    ).toBe(true);
    expect(operation.requestBody !== undefined, name).toBe(body !== undefined);
    expect(Object.keys(operation.responses).toSorted(), name).toEqual([String(answer.status), "default"]);
  }
});

test("a body with a default need not be whole, and members that are not known are refused", async () => {
  const { paths } = await document();
  const { schema } = paths["/api/v1/runs"]!["post"]!.requestBody!.content["application/json"];
  expect(schema).toMatchObject({ additionalProperties: false });
  expect(schema.required).toBeUndefined();
  const answered = paths["/api/v1/runs"]!["post"]!.responses["202"]!.content!["application/json"]!;
  expect(answered.schema).toEqual({ $ref: "#/components/schemas/Job" });
});
