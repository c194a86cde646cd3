// What a partner can send, decoder by decoder: the seeds, all inputs that are kept in `corpus`, and some changes of them. `npm run fuzz`
// goes on from there. Each either decodes to a value that encodes to the same bytes, or ends with the decoder's own error, soon.
import { describe, expect, test } from "vitest";
import { keptInputs } from "./corpus.ts";
import { learn } from "./learn.ts";
import { Fault, runDecoder } from "./target.ts";
import { TARGETS } from "./targets.ts";
import { watched } from "./watch.ts";

/** Sessions are played by the tests of lies; here those alone that are kept. */
const CHANGES = { decoder: 256, lies: 0 };

test.each(TARGETS)("$target.name", async ({ target }) => {
  const until = { runs: target.batch === 1 ? CHANGES.lies : CHANGES.decoder, seconds: Infinity };
  const kept = keptInputs(target.name);
  await learn(
    { ...target, batch: Math.min(target.batch, until.runs) },
    { seed: "quick", kept, until, learns: false },
  );
});

describe("the fuzzer", () => {
  const module = new URL("maze.ts", import.meta.url).href;
  const PATIENT = { hangMs: 60_000, heapMb: 128 };
  const work = { module, seed: "1", kept: [], until: { runs: 200_000, seconds: Infinity } };

  test("finds its way step by step, and none where it learns nothing", async () => {
    const end = await watched({ ...work, target: "maze" }, PATIENT);
    expect(end).toMatchObject({ error: { cause: expect.any(TypeError) } });
    expect("input" in end && [...end.input.subarray(0, 4)]).toEqual([0x9a, 0x3c, 0xe7, 0x51]);
    const blind = { ...work, target: "maze", learns: false, until: { runs: 25_600, seconds: Infinity } };
    expect(await watched(blind, PATIENT)).toMatchObject({ runs: 25_600, found: [] });
  });

  test("says at which input a decoder hangs, or takes all memory", async () => {
    const hung = await watched({ ...work, target: "endless" }, { ...PATIENT, hangMs: 3000 });
    expect(hung).toMatchObject({ error: { message: "hangs for 3000 ms" } });
    expect("input" in hung && hung.input).not.toHaveLength(8);
    const greedy = await watched({ ...work, target: "greedy" }, PATIENT);
    expect(greedy).toMatchObject({ error: { code: "ERR_WORKER_OUT_OF_MEMORY" } });
    expect("input" in greedy && greedy.input).not.toHaveLength(8);
  });

  test.each([
    ["an error of another kind", { decode: () => JSON.parse("{") }],
    ["other bytes", { decode: () => 0, encode: () => Uint8Array.of(2) }],
    ["a changed input", { decode: (input: Uint8Array) => input.fill(9) }],
  ])("objects to %s", (_, decoder) => {
    const one = Uint8Array.of(1);
    expect(() => runDecoder({ isTyped: () => false, ...decoder }, one)).toThrow(Fault);
    expect(() =>
      runDecoder(
        { decode: (input) => input, encode: (value: Uint8Array) => value, isTyped: () => false },
        one,
      ),
    ).not.toThrow();
  });
});
