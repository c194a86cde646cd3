// Both halves of a session in one process, as `runHalf` runs each of them, over frames in memory and seeded randomness.
import { rmSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRng, type GroupPool } from "@halfroom/crypto";
import {
  runReceiver,
  runSender,
  tableOf,
  type Policy,
  type ReportTerms,
  type Role,
  type SessionInput,
  type SessionResult,
} from "@halfroom/node";
import {
  prepareReceiver,
  prepareSender,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import type { ReleasedTable } from "@halfroom/report";
import { openChannel, type Frames } from "@halfroom/wire";
import { memoryFrames } from "./frames.ts";
import { seededRng } from "./rng.ts";

/** A partner that waits for another thread of this machine is not silent. */
const PATIENT_MS = 60_000;
/** Small sets and cells are what tests are made of. */
const LENIENT: Policy = { thresholdMin: 1, peopleMin: 0 };

export interface PreparedPair {
  readonly sender: PreparedSender;
  readonly receiver: PreparedReceiver;
}

/** Writes both texts to files of their own in a folder that lives as long as `use` runs. */
export async function withCsvFiles<T>(
  texts: { readonly senderCsv: string; readonly receiverCsv: string },
  use: (files: { readonly sender: string; readonly receiver: string }) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-session-"));
  try {
    const files = { sender: join(folder, "sender.csv"), receiver: join(folder, "receiver.csv") };
    writeFileSync(files.sender, texts.senderCsv);
    writeFileSync(files.receiver, texts.receiverCsv);
    return await use(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The real prepare step on both files. */
export async function preparePair(
  files: { readonly sender: string; readonly receiver: string },
  { measures, partitions }: ReportTerms,
): Promise<PreparedPair> {
  const [sender, receiver] = await Promise.all([
    prepareSender(files.sender, { match: "email", measures }),
    prepareReceiver(files.receiver, { match: "email", groupBy: partitions[0] ?? [] }),
  ]);
  return { sender, receiver };
}

export interface SessionSetup {
  readonly data: PreparedPair;
  readonly terms: ReportTerms;
  readonly pool: GroupPool;
  /** Each role's randomness follows from it and from the role; without it randomness is the operating system's. */
  readonly seed?: string;
  /** Cuts small sets into shards too. */
  readonly shardSizesOf?: SessionInput["shardSizesOf"];
  /** Threads of each role; they draw their own randomness. */
  readonly shardWorkersOf?: (role: Role) => SessionInput["shardWorkers"];
  readonly policy?: Policy;
  /** How long a side waits for a silent partner. */
  readonly idleMs?: number;
  /** What stands between a role and its partner: a recorder, a fault. */
  readonly wrap?: (frames: Frames, role: Role) => Frames;
}

/** How one role ended: with its result, or with what it threw. */
export type Ending = { readonly result: SessionResult } | { readonly error: unknown };

/** Runs both roles against each other to their ends; never rejects. */
export async function runPair(setup: SessionSetup): Promise<Readonly<Record<Role, Ending>>> {
  const { idleMs = PATIENT_MS, wrap = (frames) => frames } = setup;
  const [left, right] = memoryFrames({ idleMs });
  const [sender, receiver] = await Promise.all([
    runRole(setup, "sender", wrap(left, "sender")),
    runRole(setup, "receiver", wrap(right, "receiver")),
  ]);
  return { sender, receiver };
}

/** Runs one role over `frames` to its end; never rejects. */
export async function runRole(
  setup: Omit<SessionSetup, "wrap" | "idleMs">,
  role: Role,
  frames: Frames,
): Promise<Ending> {
  const { data, terms, pool, seed, policy = LENIENT, shardSizesOf, shardWorkersOf } = setup;
  const shardWorkers = shardWorkersOf?.(role);
  const input: SessionInput = {
    terms,
    policy,
    pool,
    rng: seed === undefined ? systemRng : seededRng(`${seed}/${role}`),
    ...(shardSizesOf && { shardSizesOf }),
    ...(shardWorkers && { shardWorkers }),
  };
  const ch = openChannel(frames, role);
  try {
    const result =
      role === "sender"
        ? await runSender(ch, data.sender, input)
        : await runReceiver(ch, data.receiver, input);
    await ch.close();
    return { result };
  } catch (error) {
    await ch.abort(error);
    return { error };
  }
}

/** The result of a role that ended well, with the plain table of a simple report; throws what it ended with otherwise. */
export function resultOf(ending: Ending): SessionResult & { readonly table: ReleasedTable } {
  if ("error" in ending) throw ending.error;
  return { ...ending.result, table: tableOf(ending.result.report!) };
}
