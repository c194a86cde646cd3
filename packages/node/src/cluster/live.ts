// Which workers are connected, as Redis itself knows: each names its connection after its id and threads, and uses it every few
// seconds. What it says of itself decides only how many blocks a leader sends out; keys are sealed to workers that were added.
import type { Redis } from "ioredis";

const NAME = /^halfroom-worker-1:([0-9a-f]{32})\.(\d{1,4})$/;
/** The connection of a worker that lives is never silent for so long; one that is paused is. */
const SILENT_SECONDS = 15;

export interface LiveWorker {
  readonly id: string;
  readonly threads: number;
  /** Since its last command. */
  readonly silentSeconds: number;
}

/** What a worker calls its connection. */
export function connectionName({ id, threads }: Pick<LiveWorker, "id" | "threads">): string {
  return `halfroom-worker-1:${id}.${threads}`;
}

/** All that are connected, each once. Errors: those of Redis. */
export async function connectedWorkers(redis: Redis): Promise<LiveWorker[]> {
  const list = (await redis.client("LIST")) as string;
  const workers = new Map<string, LiveWorker>();
  for (const line of list.split("\n")) {
    const [, id, threads] = NAME.exec(fieldOf(line, "name")) ?? [];
    if (id === undefined) continue;
    const silentSeconds = Number(fieldOf(line, "idle"));
    const known = workers.get(id);
    // After a connection that broke, the old one may still be listed.
    if (known !== undefined && known.silentSeconds <= silentSeconds) continue;
    workers.set(id, { id, threads: Number(threads), silentSeconds });
  }
  return [...workers.values()];
}

/** Those that can be counted on. */
export function isAwake({ silentSeconds }: LiveWorker): boolean {
  return silentSeconds < SILENT_SECONDS;
}

function fieldOf(line: string, field: string): string {
  return new RegExp(`(?:^| )${field}=(\\S*)`).exec(line)?.[1] ?? "";
}
