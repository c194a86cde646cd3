// The node's log: one JSON object per line on stderr; stdout belongs to commands. A terminal that shows it has nothing to obey.
import { withEscapes } from "@halfroom/report";
import { destination, pino, type Logger } from "pino";
import type { Settings } from "../config/schema.ts";

export function openLog({ log_level: level }: Settings): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: withEscapes } },
    destination({ fd: 2, sync: true }),
  );
}
