// Fuzzing that learns: an input that runs code which none before it ran joins those that the next ones are made of.
import { seededRng } from "@halfroom/testkit";
import { diceOf } from "../lies/dice.ts";
import type { Dice } from "../lies/lie.ts";
import { Coverage } from "./coverage.ts";
import { mutated } from "./mutate.ts";
import { Fault, type Target } from "./target.ts";

/** Of all that inputs make a decoder hold. */
const BUFFER_BYTES_MAX = 1 << 29;

export interface Learnt {
  readonly runs: number;
  /** What ran code that the seeds did not, the shortest first, none that adds nothing to shorter ones. */
  readonly found: readonly Uint8Array[];
  /** Functions of which some part ran. */
  readonly functions: number;
}

export interface Until {
  readonly runs: number;
  readonly seconds: number;
}

interface Options {
  readonly seed: string;
  /** Further inputs to begin with. */
  readonly kept: readonly Uint8Array[];
  readonly until: Until;
  /** False to learn nothing, for comparison. */
  readonly learns?: boolean;
  /** Called with each input before it runs. */
  readonly onInput?: (input: Uint8Array) => void;
}

/** Rejects with `Fault`, and with whatever else a target throws. */
export async function learn(target: Target, options: Options): Promise<Learnt> {
  const { seed, kept, until, learns = true, onInput = () => {} } = options;
  const run = async (input: Uint8Array) => {
    onInput(input);
    await target.run(target.wrap?.(input) ?? input);
  };
  const coverage = learns ? new Coverage(target.sources) : undefined;
  const inputs = [...target.seeds, ...kept];
  for (const input of inputs) await run(input);
  coverage?.hasNew();
  const roll = diceOf(seededRng(`fuzz/${target.name}/${seed}`));
  const found: Uint8Array[] = [];
  let runs = 0;
  const ends = performance.now() + until.seconds * 1000;
  while (runs < until.runs && performance.now() < ends) {
    const batch = Array.from({ length: target.batch }, () => next(inputs, target.words, roll));
    for (const input of batch) await run(input);
    runs += batch.length;
    if (process.memoryUsage().arrayBuffers > BUFFER_BYTES_MAX)
      throw new Fault("inputs have left more memory behind than they may");
    if (coverage?.hasNew() !== true) continue;
    const fresh = await newOnes(coverage, run, batch);
    inputs.push(...fresh);
    found.push(...fresh);
  }
  const functions = coverage?.functions ?? 0;
  coverage?.close();
  return { runs, found: await worthKeeping(target, run, kept, found), functions };
}

/** Later inputs are taken more often: they are where something new was found last. */
function next(inputs: readonly Uint8Array[], words: readonly string[], roll: Dice): Uint8Array {
  const any = () => inputs[roll(inputs.length)]!;
  const late = () => inputs[Math.max(roll(inputs.length), roll(inputs.length))]!;
  return mutated(roll(2) === 0 ? any() : late(), any(), words, roll);
}

/** Of inputs that have just run code that was new: those that did. Halves without any are not looked at one by one. */
async function newOnes(
  coverage: Coverage,
  run: (input: Uint8Array) => Promise<void>,
  inputs: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  if (inputs.length === 1) return inputs;
  coverage.forget();
  const found: Uint8Array[] = [];
  const middle = inputs.length >> 1;
  for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
    for (const input of half) await run(input);
    if (coverage.hasNew()) found.push(...(await newOnes(coverage, run, half)));
  }
  return found;
}

/** The shortest of those found that run code which neither seeds nor kept inputs nor shorter ones run. */
async function worthKeeping(
  { sources, seeds }: Target,
  run: (input: Uint8Array) => Promise<void>,
  kept: readonly Uint8Array[],
  found: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  if (found.length === 0) return [];
  const coverage = new Coverage(sources);
  for (const input of [...seeds, ...kept]) await run(input);
  coverage.hasNew();
  const worth: Uint8Array[] = [];
  for (const input of found.toSorted((a, b) => a.length - b.length)) {
    await run(input);
    if (coverage.hasNew()) worth.push(input);
  }
  coverage.close();
  return worth;
}
