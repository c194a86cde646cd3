// Plays sessions, or with `--part release` releases alone, against liars and counts how they end: `npm run lies -- --seed S --runs N`,
// or for as long as `--seconds` says. The run that is named in a fault is reproduced by `--seed S --from I --runs 1`.
import { parseArgs } from "node:util";
import { play } from "./play.ts";
import { playRelease } from "./release.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    runs: { type: "string", default: "1000" },
    seconds: { type: "string", default: "Infinity" },
    part: { type: "string", default: "session" },
  },
});
const [from, runs, seconds] = [Number(values.from), Number(values.runs), Number(values.seconds)];
const ends = new Map<string, number>();
let [played, checked, faults] = [0, 0, 0];
const playOne = values.part === "release" ? playRelease : play;
const started = performance.now();
while (played < runs && performance.now() - started < seconds * 1000) {
  const number = from + played;
  const { end, fault, kind, liar, checked: numbers } = await playOne(`${values.seed} ${number}`);
  played++;
  checked += numbers;
  ends.set(end, (ends.get(end) ?? 0) + 1);
  if (fault !== undefined) {
    faults++;
    console.log(`run ${number}, ${kind}, the ${liar} lies: ${fault}`);
  }
  if (played % 500 === 0) console.log(summary());
}
console.log(`in all: ${summary()}`);
process.exitCode = faults === 0 ? 0 : 1;

function summary(): string {
  const passed = Math.round((performance.now() - started) / 1000);
  const counts = [...ends].sort(([, a], [, b]) => b - a).map(([end, count]) => `${end} ${count}`);
  const what = values.part === "release" ? "releases" : "sessions";
  return `${played} ${what} with a liar in ${passed} s, ${checked} kept numbers checked, ${faults} faults: ${counts.join(", ")}`;
}
