// Where reports go beside this node: databases and files that its settings name, each under a name of its own. Nothing else can be written to,
// whoever asks.
import { holdsPassword } from "@halfroom/prepare/databases";
import { z } from "zod";
import { nameSchema } from "../config/names.ts";
import { bucketAndPrefix } from "../cluster/share.ts";
import { FORMS } from "./file-bytes.ts";

const SINKS_MAX = 64;
const PATH_LENGTH_MAX = 4096;
export const TABLE_DEFAULT = "halfroom_results";

/** A database behind a URL, as in a dataset's source. */
const database = (example: string) =>
  z
    .strictObject({
      url: z.string().max(PATH_LENGTH_MAX).optional(),
      urlVariable: z.string().min(1).max(256).optional(),
      urlFile: z.string().min(1).max(PATH_LENGTH_MAX).optional(),
    })
    .refine((place) => Object.values(place).filter((value) => value !== undefined).length === 1, {
      error: `write one of url (${example}, without a password), urlVariable and urlFile`,
    })
    .refine(({ url }) => url === undefined || !holdsPassword(url), {
      error: `write a URL as ${example}, and no password here: use urlVariable or urlFile`,
      path: ["url"],
    });

const KINDS = ["postgres", "mysql", "folder", "s3"] as const;
export type SinkKind = (typeof KINDS)[number];
const ONE = `write one of ${KINDS.join(", ")}`;
const TABLE = "write TABLE or SCHEMA.TABLE, of letters without accents, digits and '_'";
const S3 = "give s3://BUCKET/PREFIX, the prefix of letters, digits, '.', '_', '-' and '/'";

const sink = z
  .strictObject({
    postgres: database("postgres://writer@db.example/warehouse").optional(),
    mysql: database("mysql://writer@db.example/warehouse").optional(),
    /** A relative path starts at the node's folder. */
    folder: z.string().min(1).max(PATH_LENGTH_MAX).optional(),
    s3: z
      .string(S3)
      .refine((text) => bucketAndPrefix(text) !== undefined, S3)
      .optional(),
    /** Of a database. */
    table: z
      .string(TABLE)
      .regex(/^[A-Za-z_]\w{0,62}(?:\.[A-Za-z_]\w{0,62})?$/, TABLE)
      .optional(),
    /** Of files. */
    form: z.enum(FORMS, `write one of ${FORMS.join(", ")}`).optional(),
    /** every: each report that this node has the numbers of; asked: those whose request names the sink. */
    send: z.enum(["every", "asked"], "write every or asked").default("every"),
  })
  .refine((fields) => KINDS.filter((kind) => fields[kind] !== undefined).length === 1, ONE)
  .refine(({ table, postgres, mysql }) => table === undefined || (postgres ?? mysql) !== undefined, {
    error: "only a database has a table",
    path: ["table"],
  })
  .refine(({ form, folder, s3 }) => form === undefined || (folder ?? s3) !== undefined, {
    error: "only files have a form",
    path: ["form"],
  });

export type Sink = z.output<typeof sink>;

export const sinkFields = {
  /** What reports are written to once they are there. */
  sinks: z
    .record(nameSchema, sink)
    .refine((entries) => Object.keys(entries).length <= SINKS_MAX, `at most ${SINKS_MAX}`)
    .default({}),
};

export function kindOf(fields: Sink): SinkKind {
  return KINDS.find((kind) => fields[kind] !== undefined)!;
}

/** Variables of the environment that hold URLs. */
export function variablesOf(sinks: Readonly<Record<string, Sink>>): string[] {
  return Object.values(sinks).flatMap(({ postgres, mysql }) => (postgres ?? mysql)?.urlVariable ?? []);
}
