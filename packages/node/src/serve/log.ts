// The node's log: one JSON object per line on stderr; stdout belongs to commands. A terminal that shows it has nothing to obey.
import { withEscapes } from "@halfroom/report";
import { destination, pino, type Logger } from "pino";
import type { Settings } from "../config/schema.ts";

/** What waits to be written while the system takes nothing. */
const WAITING_BYTES_MAX = 1 << 20;

/** `fd` is an open file. */
export function openLog({ log_level: level }: Pick<Settings, "log_level">, fd = 2): Logger {
  const lines = destination({ fd, sync: true, maxLength: WAITING_BYTES_MAX });
  // A disk that is full costs lines: they wait for space, and what is too much is dropped. Without a listener it would end whatever logs.
  lines.on("error", () => {});
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: withEscapes } },
    lines,
  );
}
