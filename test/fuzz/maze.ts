// Decoders with known faults, on which the fuzzer is tested.
import { Fault, runDecoder, type Target } from "./target.ts";

/** Four steps that have to be taken one after the other; each runs code of its own. */
function maze(input: Uint8Array): void {
  if (input[0] !== 0x9a) return;
  if (input[1] !== 0x3c) return;
  if (input[2] !== 0xe7) return;
  if (input[3] !== 0x51) return;
  throw new TypeError("the way out");
}

const common = { sources: /\/test\/fuzz\/maze/, words: [], seeds: [new Uint8Array(8)], batch: 256 };

export const MAZES: readonly Target[] = [
  {
    ...common,
    name: "maze",
    run: async (input) => runDecoder({ decode: maze, isTyped: (error) => error instanceof Fault }, input),
  },
  {
    ...common,
    name: "endless",
    run: async (input) => {
      while (input.length !== 8) if (process.pid === 0) break;
    },
  },
  {
    ...common,
    name: "greedy",
    run: async (input) => {
      const held: unknown[] = [];
      while (input.length !== 8) held.push(Array.from({ length: 1000 }, () => ({})));
    },
  },
];
