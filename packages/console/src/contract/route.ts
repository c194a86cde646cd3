// What an endpoint is: how it is called, who may call it, what it takes and gives. From these declarations come the server's routes, the
// OpenAPI document, the client's types, and the test that tries every endpoint as every role.
import type { z } from "zod";
import type { Role } from "./roles.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Parameters in braces, as in OpenAPI. */
  readonly path: string;
  /** Who is let in; `anyone`: nobody is asked who they are. */
  readonly roles: readonly Role[] | "anyone";
  /** One sentence. */
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** JSON. */
  readonly body?: z.ZodObject;
  readonly answer: JsonAnswer | TextAnswer | EventsAnswer | NoAnswer;
  /** Whether something changes or begins. */
  readonly changes?: boolean;
  /** Whether the answer holds a secret that is shown once, so that it is not kept for whoever asks again under the same key. */
  readonly once?: boolean;
  /** Whether the request holds a password: no digest of it is kept, so it takes no idempotency key. */
  readonly secret?: boolean;
}

interface JsonAnswer {
  readonly status: 200 | 201 | 202;
  readonly json: z.ZodType;
}

/** Text of a media type that the query chooses. */
interface TextAnswer {
  readonly status: 200;
  readonly text: readonly string[];
}

/** Server-sent events, the data of each being JSON. */
interface EventsAnswer {
  readonly status: 200;
  readonly events: z.ZodType;
}

interface NoAnswer {
  readonly status: 204;
}

export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

type In<Schema> = Schema extends z.ZodType ? DeepReadonly<z.output<Schema>> : Record<never, never>;

/** What a handler is given. */
export interface Asked<R extends Route> {
  readonly params: In<R["params"]>;
  readonly query: In<R["query"]>;
  readonly body: In<R["body"]>;
}

export interface Text {
  readonly text: string;
  readonly type: string;
  /** Of the file that a browser would make of it, without its ending. */
  readonly name: string;
}

/** What a handler gives back. */
export type Given<R extends Route> = R["answer"] extends { readonly json: infer Schema extends z.ZodType }
  ? DeepReadonly<z.input<Schema>>
  : R["answer"] extends { readonly text: readonly string[] }
    ? Text
    : R["answer"] extends { readonly events: infer Schema extends z.ZodType }
      ? AsyncIterable<SentEvent<DeepReadonly<z.input<Schema>>>>
      : void;

/** One of a stream of events; whoever lost the connection goes on after the last `id` that it has seen. */
export interface SentEvent<Data> {
  readonly id: string;
  readonly data: Data;
}

/** Whether the endpoint takes an idempotency key. */
export function takesKey({ method, changes, secret }: Route): boolean {
  return method === "POST" && changes === true && secret !== true;
}

/** Keeps the literal types. */
export function route<const R extends Route>(declared: R): R {
  return declared;
}
