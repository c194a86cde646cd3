// All that is fuzzed, with the module that holds it: a thread loads what it needs alone.
import { DECODERS } from "./decoders.ts";
import { LIES } from "./lies.ts";
import { STREAMS } from "./streams.ts";
import type { Target } from "./target.ts";

interface Placed {
  readonly target: Target;
  readonly module: string;
}

const placed = (module: string, targets: readonly Target[]): Placed[] =>
  targets.map((target) => ({ target, module: new URL(module, import.meta.url).href }));

export const TARGETS: readonly Placed[] = [
  ...placed("decoders.ts", DECODERS),
  ...placed("streams.ts", STREAMS),
  ...placed("lies.ts", LIES),
];
