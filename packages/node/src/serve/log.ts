// The node's log: one JSON object per line on stderr; stdout belongs to commands.
import { destination, pino, type Logger } from "pino";
import type { Settings } from "../config/schema.ts";

export function openLog({ log_level: level }: Settings): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
}
