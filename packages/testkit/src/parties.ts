// Both parties of a protocol step in one process, over frames in memory.
import { hash256, loadSodium, type Rng } from "@halfroom/crypto";
import { beginTransfers, type OtK, type OtSource, type OtSourceName, type Role } from "@halfroom/mpc";
import { openChannel, type OpenChannel } from "@halfroom/wire";
import { memoryFrames, recordFrames, type RecordedFrame } from "./frames.ts";
import { seededRng } from "./rng.ts";

const IDLE_MS = 60_000;

export interface BothParties<T> {
  readonly sender: T;
  readonly receiver: T;
  /** What each party sent and received, in the order of its calls. */
  readonly log: Readonly<Record<Role, readonly RecordedFrame[]>>;
}

/** Runs both parties at once. If either fails, both end, and the error that came first is thrown. */
export async function runParties<T>(
  party: (ch: OpenChannel, role: Role) => Promise<T>,
): Promise<BothParties<T>> {
  const [left, right] = memoryFrames({ idleMs: IDLE_MS });
  const frames = { sender: recordFrames(left), receiver: recordFrames(right) };
  const run = async (role: Role): Promise<T> => {
    const ch = openChannel(frames[role], role);
    try {
      return await party(ch, role);
    } catch (error) {
      await ch.abort(error);
      throw error;
    }
  };
  const [sender, receiver] = await Promise.all([run("sender"), run("receiver")]);
  return { sender, receiver, log: { sender: frames.sender.log, receiver: frames.receiver.log } };
}

/** A session id for tests. */
export function testSession(name: string): Uint8Array {
  return hash256("testkit/session", new Uint8Array(0), name);
}

/** The transfers of both parties, each made with randomness of its own. */
export async function testTransfers(
  session: Uint8Array,
  rngs: Readonly<Record<Role, Rng>> = { sender: seededRng("sender"), receiver: seededRng("receiver") },
  k: OtK = 4,
  source: OtSourceName = "softspoken",
): Promise<BothParties<OtSource>> {
  const kernel = await loadSodium();
  return runParties(async (ch, role) => {
    const context = { session, role, kernel, rng: rngs[role], transfers: { source, k } } as const;
    const transfers = await (await beginTransfers(ch, context)).answer(ch);
    await transfers.settle(ch);
    return transfers;
  });
}
