// The OpenAPI 3.1 document: made from the same declarations as everything else (https://spec.openapis.org/oas/v3.1.1).
import { z } from "zod";
import { PROBLEM_TYPE, problemSchema } from "./contract/problem.ts";
import { takesKey, type Route } from "./contract/route.ts";
import { ROUTES } from "./contract/routes.ts";

export type Json = Record<string, unknown>;
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, Json>>;
  readonly required?: readonly string[];
}

const COMPONENTS = "#/components/schemas/";
let made: Json | undefined;

export function openApiDocument(): Json {
  return (made ??= make());
}

function make(): Json {
  const schemas: Record<string, Json> = {};
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(name, route, schemas),
    };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Halfroom",
      version: "1",
      description: "The HTTP API of a Halfroom node: docs/api.md. Errors are those of the command line.",
    },
    paths,
    components: { schemas, securitySchemes: { token: { type: "http", scheme: "bearer" }, person: COOKIE } },
  };
}

const COOKIE = {
  type: "apiKey",
  in: "cookie",
  name: "halfroom",
  description:
    "Of a person who has signed in. Its name begins with __Host- over TLS and ends in the port. A request that changes something has the header x-halfroom-csrf as well.",
};

function operationOf(name: string, route: Route, schemas: Record<string, Json>): Json {
  const { summary, roles, params, query, body } = route;
  return {
    operationId: name,
    summary,
    tags: [tagOf(route)],
    ...(roles === "anyone"
      ? { security: [] }
      : { security: [{ token: [] }, { person: [] }], description: `For the roles: ${roles.join(", ")}.` }),
    parameters: [
      ...parametersOf("path", params, schemas),
      ...parametersOf("query", query, schemas),
      ...(takesKey(route) ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemaOf(body.strict(), "input", schemas) } },
      },
    }),
    responses: {
      [route.answer.status]: answerOf(route, schemas),
      default: {
        description: "What is wrong, in the command line's words.",
        content: { [PROBLEM_TYPE]: { schema: schemaOf(problemSchema, "output", schemas) } },
      },
    },
  };
}

/** `/api/v1/sessions/{id}` is about sessions. */
function tagOf({ path }: Route): string {
  return path.replace(/^\/api\/(?:v1\/)?/, "").split(/[/.]/)[0]!;
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key and body again, within a day, get the same answer, and nothing is done twice.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

function parametersOf(
  place: "path" | "query",
  schema: z.ZodObject | undefined,
  schemas: Record<string, Json>,
): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input", schemas) as ObjectSchema;
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function answerOf({ answer }: Route, schemas: Record<string, Json>): Json {
  if ("json" in answer) {
    const schema = schemaOf(answer.json, "output", schemas);
    return { description: "Done.", content: { "application/json": { schema } } };
  }
  if ("text" in answer) {
    const types = answer.text.map((type) => [type, { schema: { type: "string" } }]);
    return { description: "The text.", content: Object.fromEntries(types) };
  }
  if (!("events" in answer)) return { description: "Done." };
  const schema = schemaOf(answer.events, "output", schemas);
  const description = "Server-sent events, each with an id and JSON as data: the schema is that of the data.";
  return { description, content: { "text/event-stream": { schema } } };
}

/** A reference, where the schema has a name. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Json>): Json {
  const { properties } = jsonSchema(z.object({ schema }), io, schemas) as ObjectSchema;
  return properties!["schema"]!;
}

/** Schemas with a name go into `schemas`. What is answered may have more members in later versions. */
function jsonSchema(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Json>): Json {
  const whole = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: each }) => {
      if (io === "output") delete each.additionalProperties;
      delete (each as { id?: string }).id;
    },
  });
  const {
    $schema: _dialect,
    $defs = {},
    ...rest
  } = JSON.parse(JSON.stringify(whole).replaceAll('"#/$defs/', `"${COMPONENTS}`)) as Json & {
    $defs?: Record<string, Json>;
  };
  Object.assign(schemas, $defs);
  return rest;
}
