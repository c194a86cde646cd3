// A share whose use is counted, for the leader's metrics: whether it is the share that a session waits for.
import type { Share } from "./share.ts";

type ShareOperation = "read" | "write" | "remove";

/** Told how each use of a share ended, and after how many seconds. */
export type WatchShare = (operation: ShareOperation, seconds: number, outcome: "done" | "failed") => void;

export function watchedShare(share: Share, watch: WatchShare): Share {
  const timed = async <T>(operation: ShareOperation, use: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const tell = (outcome: "done" | "failed") =>
      watch(operation, (performance.now() - begun) / 1000, outcome);
    try {
      const result = await use();
      tell("done");
      return result;
    } catch (error) {
      tell("failed");
      throw error;
    }
  };
  return {
    name: share.name,
    owner: () => share.owner(),
    setOwner: (fingerprint) => share.setOwner(fingerprint),
    make: (session) => share.make(session),
    removeAll: (session) => share.removeAll(session),
    sessions: () => share.sessions(),
    has: (session) => share.has(session),
    hasFile: (session, name) => share.hasFile(session, name),
    read: (session, name, bytesMax) => timed("read", () => share.read(session, name, bytesMax)),
    write: (session, name, bytes) => timed("write", () => share.write(session, name, bytes)),
    remove: (session, name) => timed("remove", () => share.remove(session, name)),
    close: () => share.close(),
  };
}
