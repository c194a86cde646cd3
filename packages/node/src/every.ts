// What a node does again and again beside its sessions. A failure of it, such as a database that another process holds, must end
// neither the process nor the repetition.

/** Does `work` each `ms`; what it throws goes to `onFailure`, and the next turn tries again. Returns what ends it. */
export function every(ms: number, work: () => void, onFailure: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    try {
      work();
    } catch (error) {
      onFailure(error);
    }
  }, ms);
  return () => clearInterval(timer);
}
