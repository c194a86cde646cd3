// A worker's settings, from the environment alone.
import { z } from "zod";
import { settingsOf } from "../config/environment.ts";
import { workerFields } from "../config/schema.ts";
import { proxyFor } from "../partners/proxy.ts";
import { variableOf } from "../config/variables.ts";
import { OperatorError } from "../errors.ts";

const schema = z.strictObject(workerFields);

export type WorkerSettings = z.infer<typeof schema>;

/** Errors: `settings`, which names the variable and never its value. */
export function workerSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const settings = settingsOf("worker", schema, env);
  for (const name of ["redis", "share"] as const) {
    if (settings[name] === "")
      throw new OperatorError("settings", `${variableOf(name)}: a worker needs it, as its leader has it.`);
  }
  // A variable that holds no proxy is told now, not with the first shard.
  proxyFor(settings, "partner:443", env);
  return settings;
}
