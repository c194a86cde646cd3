// A worker's settings: those that it has in common with its leader, from the environment alone.
import { z } from "zod";
import { settingsOf } from "../config/environment.ts";
import { clusterFields } from "../config/schema.ts";
import { variableOf } from "../config/variables.ts";
import { OperatorError } from "../errors.ts";

const schema = z.strictObject(clusterFields);

export type WorkerSettings = z.infer<typeof schema>;

/** Errors: `settings`, which names the variable and never its value. */
export function workerSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const settings = settingsOf("worker", schema, env);
  for (const name of ["redis", "share"] as const) {
    if (settings[name] === "")
      throw new OperatorError("settings", `${variableOf(name)}: a worker needs it, as its leader has it.`);
  }
  return settings;
}
