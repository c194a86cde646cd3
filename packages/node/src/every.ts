// What a node does again and again beside its sessions. A failure of it, such as a database that another process holds, must end
// neither the process nor the repetition.
import { guarded, ignored } from "@halfroom/wire";

/** Does `work` each `ms`; what it throws goes to `onFailure`, and the next turn tries again. Returns what ends it. */
export function every(ms: number, work: () => void, onFailure: (error: unknown) => void): () => void {
  const turn = () => {
    try {
      work();
    } catch (error) {
      onFailure(error);
    }
  };
  const timer = setInterval(guarded(turn, ignored), ms);
  return () => clearInterval(timer);
}
