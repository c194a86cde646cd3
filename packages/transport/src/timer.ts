/**
 * Calls `expire` after `ms` milliseconds; returns what cancels that. After long work on this thread timers come
 * before input: the detour through `setImmediate` lets what has arrived meanwhile in first.
 */
export function startTimer(ms: number, expire: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (immediate = setImmediate(expire)), ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
