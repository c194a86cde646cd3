// A worker's settings: those that it has in common with its leader, from the environment alone.
import { z } from "zod";
import { clusterFields, settingsSchema } from "../config/schema.ts";
import { assertVariables, variableOf } from "../config/variables.ts";
import { OperatorError } from "../errors.ts";

const schema = z.strictObject(clusterFields);
const NAMES = Object.keys(schema.shape);

export type WorkerSettings = z.infer<typeof schema>;

/** Errors: `settings`, which names the variable and never its value. */
export function workerSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const ofNodes = Object.keys(settingsSchema.shape).filter((name) => !NAMES.includes(name));
  const [set] = ofNodes.map(variableOf).filter((variable) => env[variable] !== undefined);
  if (set !== undefined) {
    const own = NAMES.map(variableOf).join(", ");
    throw new OperatorError(
      "settings",
      `${set}: a node has this setting and a worker has not; it reads ${own}.`,
    );
  }
  assertVariables(env, NAMES, new Set());
  const given = NAMES.flatMap((name) => {
    const text = env[variableOf(name)];
    return text === undefined ? [] : [[name, text] as const];
  });
  const parsed = schema.safeParse(Object.fromEntries(given));
  const issue = parsed.error?.issues[0];
  if (!parsed.success)
    throw new OperatorError("settings", `${variableOf(String(issue!.path[0]))}: ${issue!.message}.`);
  for (const name of ["redis", "share"] as const) {
    if (parsed.data[name] === "")
      throw new OperatorError("settings", `${variableOf(name)}: a worker needs it, as its leader has it.`);
  }
  return parsed.data;
}
