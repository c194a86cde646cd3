import { settingsOf } from "../config/environment.ts";
import { address, gatewaySchema } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";
import { openLog } from "../serve/log.ts";
import { inWords } from "./node.ts";

/** A gateway that passes connections on. */
export interface Gating {
  /** HOST:PORT for partners. */
  readonly address: string;
  /** HOST:PORT for the operator's probes. */
  readonly admin: string;
  /** Ends all connections; partners come back by themselves. */
  close(): void;
}

/**
 * Passes partners' connections on to a leader that listens at `leader` (HOST:PORT) until it is closed. Its settings come from `env`; it logs
 * to stderr. Rejects with OperatorError `settings`, `flags`, `listen`.
 */
export async function passOn(
  leader: string,
  { env = process.env }: { readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Gating> {
  return await inWords(async () => {
    if (!address.safeParse(leader).success)
      throw new OperatorError("flags", "--to: give the leader's HOST:PORT.");
    const settings = settingsOf("gateway", gatewaySchema, env);
    const { startGateway } = await import("../gateway/gateway.ts");
    return await startGateway(settings, leader, openLog(settings));
  });
}
