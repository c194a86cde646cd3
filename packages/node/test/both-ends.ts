// Both sides of a session in memory, each to its own end.
import { otherRole, type Role } from "@halfroom/mpc";
import { memoryFrames } from "@halfroom/testkit";
import { openChannel, ProtocolError, type Frames, type OpenChannel } from "@halfroom/wire";

const IDLE_MS = 60_000;

/** How a side ended: with a result, or with an error. */
export interface End<T> {
  readonly result?: T;
  readonly error?: unknown;
}

/** Runs both sides; a side that fails aborts, as a half does. Never rejects. */
export async function bothEnds<T>(
  side: (ch: OpenChannel, role: Role) => Promise<T>,
  wrap: (frames: Frames, role: Role) => Frames = (frames) => frames,
): Promise<Record<Role, End<T>>> {
  const [left, right] = memoryFrames({ idleMs: IDLE_MS });
  const run = async (role: Role, frames: Frames): Promise<End<T>> => {
    const ch = openChannel(wrap(frames, role), role);
    try {
      const result = await side(ch, role);
      await ch.close();
      return { result };
    } catch (error) {
      await ch.abort(error);
      return { error };
    }
  };
  const [sender, receiver] = await Promise.all([run("sender", left), run("receiver", right)]);
  return { sender, receiver };
}

/** "code" of this side's own error, "code from partner" of one that the partner told, "none" if all went well. */
function codeOf({ error }: End<unknown>): string {
  if (error === undefined) return "none";
  if (!(error instanceof ProtocolError)) throw error;
  return error.fromPartner ? `${error.code} from partner` : error.code;
}

export function codes(ends: Record<Role, End<unknown>>, first: Role): [string, string] {
  return [codeOf(ends[first]), codeOf(ends[otherRole(first)])];
}
