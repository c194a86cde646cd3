// What several endpoints have in common.
import { z } from "zod";
import { ROLES } from "./roles.ts";

/** A moment: milliseconds since 1970. */
export const moment = z.int().meta({ description: "Milliseconds since 1970." });
const TEXT_LENGTH_MAX = 1 << 19;

/** How fast the line to a partner was when a session last measured it. */
export const lineSchema = z
  .object({ bytesPerSecond: z.number(), measuredAt: moment })
  .meta({ description: "What the line to the partner took of what this node sent, when last measured." });
export const reasonSchema = z.object({ code: z.string(), words: z.string() }).meta({ id: "Reason" });
/** Beside the kind of a report. */
export const newPeopleSchema = z
  .literal(true)
  .optional()
  .meta({ description: "Of reach that counts those alone who were in no earlier run of its series." });
export const kindSchema = z.enum(["overlap", "sums", "index", "reach", "attribution", "lift"]);
export const roleSchema = z.enum(ROLES).meta({ id: "Role" });
export const sideSchema = z.enum(["sender", "receiver"]);
export const oursAndTheirs = z.object({ ours: z.string(), theirs: z.string() });

/** As names are written in commands and addresses. */
export const nameSchema = z.string().min(1).max(63);
export const named = z.object({ name: nameSchema });
/** Of a session or a report, by which it can be found. */
export const identified = z.object({ id: z.string().min(1).max(64) });

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;
const limit = z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).meta({
  description: "How many, the newest first.",
});
/** A page of a list. */
export const pageQuery = z.object({
  limit,
  before: z.string().min(1).max(64).optional().meta({ description: "Those after this one, further back." }),
});
export const numberedPageQuery = z.object({
  limit,
  before: z.coerce.number().int().min(1).optional().meta({ description: "Entries before this number." }),
});

/** What a person would keep in a file. */
export const yamlSchema = z
  .string()
  .min(1)
  .max(TEXT_LENGTH_MAX)
  .meta({ description: "YAML, as in a file that the command line takes." });
export const textSchema = z.string().max(TEXT_LENGTH_MAX);
