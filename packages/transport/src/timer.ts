const STEPS = 8;

/**
 * Calls `expire` after `ms` milliseconds in which this thread was free; returns what cancels that. After long work on
 * this thread a timer fires before what has arrived meanwhile is read, so time is counted in steps and a step that
 * comes late does not count: it tells nothing about the partner.
 */
export function startTimer(ms: number, expire: () => void): () => void {
  const stepMs = ms / STEPS;
  let stepsLeft = STEPS;
  let timer: NodeJS.Timeout;
  const step = () => {
    const dueMs = performance.now() + stepMs;
    timer = setTimeout(() => {
      if (performance.now() - dueMs < stepMs) stepsLeft--;
      if (stepsLeft > 0) step();
      else expire();
    }, stepMs);
  };
  step();
  return () => clearTimeout(timer);
}
