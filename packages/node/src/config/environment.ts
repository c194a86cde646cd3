// Settings that the environment holds: HALFROOM_LISTEN is `listen`, and HALFROOM_REDIS_FILE names a file that holds `redis`. Of a node they
// stand over those of its file; a worker and a gateway, which have no such file, have no others.
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { codeOf, OperatorError } from "../errors.ts";
import { settingsSchema } from "./schema.ts";
import { assertVariables, fileVariableOf, variableOf } from "./variables.ts";

/** Settings that are text: the environment's value is taken as it is, since `[::1]:7443` is not valid YAML. */
const TEXTS: ReadonlySet<string> = new Set([
  "listen",
  "address",
  "proxy",
  "admin",
  "console",
  "console_url",
  "console_certificate",
  "console_key",
  "company",
  "openid_issuer",
  "openid_client_id",
  "openid_client_secret",
  "openid_scope",
  "openid_name",
  "openid_role",
  "openid_label",
  "redis",
  "otlp",
  "mail_server",
  "mail_user",
  "mail_password",
  "mail_from",
  "share",
  "workers_listen",
  "workers_address",
  "shard_streams",
  "workers_dial",
  "log_level",
  "scratch",
]);

/** Those of the settings named that the environment holds. All but text are read as YAML: `5`, `[{partner: a, dataset: b}]`. Errors: `settings`. */
export function fromEnvironment(env: NodeJS.ProcessEnv, names: readonly string[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const name of names) {
    const text = valueOf(env, name);
    if (text === undefined) continue;
    if (TEXTS.has(name)) {
      found.set(name, text);
      continue;
    }
    const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
    if (document.errors.length > 0)
      throw new OperatorError("settings", `${variableOf(name)}: this is not a YAML value.`);
    found.set(name, document.toJS() ?? "");
  }
  return found;
}

/** What the environment says of a setting, itself or by the file that it names, whose last line may end. */
function valueOf(env: NodeJS.ProcessEnv, setting: string): string | undefined {
  const [variable, ofFile] = [variableOf(setting), fileVariableOf(setting)];
  const file = env[ofFile];
  if (file === undefined) return env[variable];
  if (env[variable] !== undefined)
    throw new OperatorError("settings", `${variable} and ${ofFile}: set one of them.`);
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new OperatorError(
      "settings",
      `${ofFile}: the file that it names cannot be read (${codeOf(cause)}).`,
      {
        cause,
      },
    );
  }
}

/**
 * All settings of a process that has none but the environment's; `who`: what it is called. Errors: `settings`, which names the variable
 * and never its value.
 */
export function settingsOf<Shape extends z.ZodRawShape>(
  who: "worker" | "gateway",
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const names = Object.keys(schema.shape);
  const ofNodes = Object.keys(settingsSchema.shape).filter((name) => !names.includes(name));
  const [set] = ofNodes
    .flatMap((name) => [variableOf(name), fileVariableOf(name)])
    .filter((variable) => env[variable] !== undefined);
  if (set !== undefined)
    throw new OperatorError(
      "settings",
      `${set}: a node has this setting and a ${who} has not; it reads ${names.map(variableOf).join(", ")}.`,
    );
  assertVariables(env, names, new Set());
  const parsed = schema.safeParse(Object.fromEntries(fromEnvironment(env, names)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new OperatorError("settings", `${variableOf(String(issue.path[0]))}: ${issue.message}.`);
}
