import { guarded, type ProtocolError } from "@halfroom/wire";

const STEPS = 8;
/** A delay that is normal for a timer. */
const LATE_MS_MIN = 20;

/**
 * Calls `expire` after `ms` milliseconds in which this thread was free; returns a function that cancels it. After long work
 * on this thread, a timer fires before what arrived in the meantime is read. So time is counted in steps, and a step that
 * comes late does not count: it says nothing about the partner. What `expire` throws is for `failed`.
 */
export function startTimer(
  ms: number,
  expire: () => void,
  failed: (error: ProtocolError) => void,
): () => void {
  const stepMs = ms / STEPS;
  const lateMs = Math.max(stepMs, LATE_MS_MIN);
  let stepsLeft = STEPS;
  let timer: NodeJS.Timeout;
  const step = () => {
    const dueMs = performance.now() + stepMs;
    timer = setTimeout(
      guarded(() => {
        if (performance.now() - dueMs < lateMs) stepsLeft--;
        if (stepsLeft > 0) step();
        else expire();
      }, failed),
      stepMs,
    );
  };
  step();
  return () => clearTimeout(timer);
}
