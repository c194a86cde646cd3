const STEPS = 8;
/** A delay that any timer may have. */
const LATE_MS_MIN = 20;

/**
 * Calls `expire` after `ms` milliseconds in which this thread was free; returns what cancels that. After long work on
 * this thread a timer fires before what has arrived meanwhile is read, so time is counted in steps and a step that
 * comes late does not count: it tells nothing about the partner.
 */
export function startTimer(ms: number, expire: () => void): () => void {
  const stepMs = ms / STEPS;
  const lateMs = Math.max(stepMs, LATE_MS_MIN);
  let stepsLeft = STEPS;
  let timer: NodeJS.Timeout;
  const step = () => {
    const dueMs = performance.now() + stepMs;
    timer = setTimeout(() => {
      if (performance.now() - dueMs < lateMs) stepsLeft--;
      if (stepsLeft > 0) step();
      else expire();
    }, stepMs);
  };
  step();
  return () => clearTimeout(timer);
}
