// Plays sessions, or with `--part release` releases alone, against liars and counts how they end: `npm run lies -- --seed S --runs N`.
// The run that is named in a fault is reproduced by `--seed S --from I --runs 1`.
import { parseArgs } from "node:util";
import { pool } from "./cases.ts";
import { play } from "./play.ts";
import { playRelease } from "./release.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    runs: { type: "string", default: "1000" },
    part: { type: "string", default: "session" },
  },
});
const [from, runs] = [Number(values.from), Number(values.runs)];
const ends = new Map<string, number>();
let faults = 0;
const playOne = values.part === "release" ? playRelease : play;
const started = performance.now();
for (let i = from; i < from + runs; i++) {
  const { end, fault, kind, liar } = await playOne(`${values.seed} ${i}`);
  ends.set(end, (ends.get(end) ?? 0) + 1);
  if (fault !== undefined) {
    faults++;
    console.log(`run ${i}, ${kind}, the ${liar} lies: ${fault}`);
  }
  if ((i + 1 - from) % 500 === 0) console.log(summary(i + 1 - from));
}
console.log(summary(runs));
await pool.close();
process.exitCode = faults === 0 ? 0 : 1;

function summary(done: number): string {
  const seconds = Math.round((performance.now() - started) / 1000);
  const counts = [...ends].sort(([, a], [, b]) => b - a).map(([end, count]) => `${end} ${count}`);
  return `${done} lies in ${seconds} s, ${faults} faults: ${counts.join(", ")}`;
}
