// Sides of any room with losses at any moment, 10,000 times (some minutes).
import { expect, test } from "vitest";
import { faultOf } from "./modelled-shards.ts";

const RUNS = 10_000;

test("every shard is counted once, and nobody waits for ever", async () => {
  for (let run = 0; run < RUNS; run++) expect(await faultOf(`slow/${run}`)).toBeUndefined();
});
