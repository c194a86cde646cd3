// Fuzzes what a partner can send: `npm run fuzz -- --seconds N`, for all targets one after the other, or for those that `--target` names.
// What runs new code is kept in test/fuzz/corpus with `--keep`; an input that is at fault always is, and `npm test` runs it from then on.
import { parseArgs } from "node:util";
import { keepInputs, keptInputs } from "./corpus.ts";
import { TARGETS } from "./targets.ts";
import { watched } from "./watch.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now()) },
    target: { type: "string", multiple: true, default: [] },
    keep: { type: "boolean", default: false },
  },
});
const chosen = TARGETS.filter(
  ({ target: { name } }) => values.target.length === 0 || values.target.includes(name),
);
if (chosen.length === 0)
  throw new Error(`--target is one of: ${TARGETS.map(({ target }) => target.name).join(", ")}`);
/** A session has time limits of its own; a decoder has none, and takes a moment. */
const LIMITS = {
  decoder: { hangMs: 30_000, heapMb: 512 },
  session: { hangMs: 300_000, heapMb: 1024 },
};
const seconds = Number(values.seconds) / chosen.length;
const { seed } = values;
let [runs, faults] = [0, 0];
console.log(`seed ${seed}, ${Math.round(seconds)} s a target`);
for (const {
  target: { name, batch },
  module,
} of chosen) {
  const work = { module, target: name, seed, kept: keptInputs(name), until: { runs: Infinity, seconds } };
  const end = await watched(work, batch === 1 ? LIMITS.session : LIMITS.decoder);
  if ("error" in end) {
    faults++;
    keepInputs(name, [end.input]);
    const { stack, cause } = end.error as Error;
    console.log(
      `${name}: FAULT at ${Buffer.from(end.input).toString("base64")}\n${stack}\n${(cause as Error)?.stack ?? ""}`,
    );
    continue;
  }
  runs += end.runs;
  const kept = values.keep ? keepInputs(name, end.found) : 0;
  console.log(
    `${name}: ${end.runs} inputs, ${end.functions} functions, ${end.found.length} inputs with new code, ${kept} kept`,
  );
}
console.log(`in all: ${runs} inputs, ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
