// One `halfroom half` as its own process, told apart by its events.
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { start, type Run } from "../../packages/cli/test/halfroom.ts";
import type { HalfEvent, Role } from "@halfroom/node";

export interface Half {
  readonly pid: number;
  readonly ended: Promise<Run>;
  /** The first event that `wanted` accepts; rejects if the half ends without one. */
  event<T extends HalfEvent["type"]>(
    type: T,
    wanted?: (event: Extract<HalfEvent, { type: T }>) => boolean,
  ): Promise<Extract<HalfEvent, { type: T }>>;
}

export const REPORT = ["--match=email", "--measure=amount:-5:500:2", "--group-by=cell", "--exact"];

export function startHalf(role: Role, flags: readonly string[]): Half {
  const { child, ended } = start([
    "half",
    `--role=${role}`,
    ...flags,
    "--json",
    "--progress=json",
    "--threads=1",
  ]);
  const events: HalfEvent[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: child.stderr!.pipe(new PassThrough()) });
  lines.on("line", (line) => {
    if (line.startsWith("{")) events.push(JSON.parse(line) as HalfEvent);
    waiting.forEach((look) => look());
  });
  return {
    pid: child.pid!,
    ended,
    event(type, wanted = () => true) {
      type Wanted = Extract<HalfEvent, { type: typeof type }>;
      return new Promise<Wanted>((resolve, reject) => {
        const look = () => {
          const found = events.find(
            (event): event is Wanted => event.type === type && wanted(event as Wanted),
          );
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        ended.then(
          ({ stderr }) => reject(new Error(`the ${role} ended before "${type}": ${stderr}`)),
          reject,
        );
      });
    },
  };
}

/** Starts the receiver, then the sender once there is an address to dial. */
export async function startBoth(
  flags: Readonly<Record<Role, readonly string[]>>,
): Promise<Record<Role, Half>> {
  const receiver = startHalf("receiver", ["--listen=127.0.0.1:0", ...flags.receiver]);
  const { address } = await receiver.event("listening");
  return { receiver, sender: startHalf("sender", [`--connect=${address}`, ...flags.sender]) };
}
