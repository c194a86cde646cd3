// A partner's request cannot inject SQL: the names in it are looked up among what the dataset declares, even where a policy
// allows exactly that text, and no part of it ever runs.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPair, policyOf, requestOf, type Pair } from "./pair.ts";
import type { Running } from "./site.ts";

let pair: Pair;
let serving: Running;
let stolen: string;
beforeAll(async () => {
  pair = await openPair();
  stolen = join(pair.publisher.folder, "stolen.csv");
  pair.advertiser.policies(policyOf("advertiser"));
  pair.publisher.policies(policyOf("publisher", { group_by: ["campaign", ...hostile()] }));
  serving = await pair.publisher.serve();
});
afterAll(async () => {
  await serving.kill();
  await pair.close();
});

function hostile(): string[] {
  return [
    `campaign", (copy (from halfroom_staged) to '${stolen}')) --`,
    `read_text('${join(pair.publisher.home, "config.yaml")}')`,
    "email",
  ];
}

test("a name that is not declared is refused before anything is read, although the policy allows it", async () => {
  for (const name of [...hostile(), "campaign; drop table halfroom_staged"]) {
    const from = serving.lineCount();
    const groupBy = JSON.stringify(name);
    pair.advertiser.write("hostile.yaml", requestOf("advertiser", { groupBy }));
    const { exitCode, stdout, stderr } = await pair.advertiser.run("run", "hostile.yaml");
    expect(stdout).toBe("");
    expect(exitCode, stderr).toBe(4);
    expect(stderr).toContain("a report may not group by");
    const answer = await serving.seen((line) => line.includes('"msg":"proposal answered"'), from);
    expect(JSON.parse(answer)).toMatchObject({ decision: "refuse", reasons: ["group-by"] });
    expect(existsSync(stolen)).toBe(false);
  }
  expect(await pair.publisher.ledger()).toEqual([]);
  expect(await pair.publisher.ok("reports", "--json")).toBe("[]\n");
});

test("a filter for the partner's side is no part of a request", async () => {
  const request = requestOf("advertiser").replace(
    "  dataset: exposures",
    "  dataset: exposures\n  where: 1=1",
  );
  pair.advertiser.write("where.yaml", request);
  const { exitCode, stderr } = await pair.advertiser.run("run", "where.yaml");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/theirs\.where: .*only the owner of the data filters it/);
});
