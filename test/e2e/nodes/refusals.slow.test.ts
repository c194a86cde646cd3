// Every way in which a report is not run, and what each side is told. Both nodes serve while their policies change.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allowAll, cellsOf, EXPECTED, openPair, policyOf, requestOf, type Pair } from "./pair.ts";
import type { Run, Running, Site } from "./site.ts";

let pair: Pair;
let advertiser: Site;
let publisher: Site;
let serving: Running;
beforeAll(async () => {
  pair = await openPair();
  ({ advertiser, publisher } = pair);
  serving = await publisher.serve();
});
afterAll(() => pair.close());
beforeEach(() => {
  allowAll(pair);
  advertiser.write("roi.yaml", requestOf("advertiser"));
});

const run = () => advertiser.run("run", "roi.yaml", "--json");

/** The words of the error that a command with --json printed last. */
function told(stderr: string): string {
  const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1)!) as { error: { words: string } };
  return error.words;
}

describe("the publisher's policy", () => {
  test.each([
    ["a column that may not group", { group_by: ["age_band"] }, /may not group by "campaign"/],
    ["exact reports not allowed", { exact: false }, /exact reports are not allowed/],
    ["results that may not leave", { result_to: ["us"] }, /may not receive the result/],
    ["a policy that has ended", { expires: "2020-01-01" }, /policy ended on 2020-01-01/],
  ])("refuses %s, with the reason, on both sides", async (_name, rules, words) => {
    publisher.policies(policyOf("publisher", rules));
    const { exitCode, stderr, stdout } = await run();
    expect(stdout).toBe("");
    expect(exitCode).toBe(4);
    expect(told(stderr)).toContain("refused by the partner");
    expect(told(stderr)).toMatch(words);
    for (const site of [advertiser, publisher]) {
      const [last] = await site.sessions();
      expect(last).toMatchObject({ state: "refused" });
      expect(last!.reasons[0]!.words).toMatch(words);
    }
  });

  test("refuses a set of fewer people than it asks for, once both have counted", async () => {
    publisher.policies(policyOf("publisher", { people: 55 }));
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/refused/);
    const [last] = await publisher.sessions();
    expect(last).toMatchObject({ state: "failed", code: "refused" });
  });

  test("refuses more evaluations than an epoch may have", async () => {
    publisher.write("roi.yaml", requestOf("publisher"));
    advertiser.policies(policyOf("advertiser", { evaluations: 1000 }));
    const serving = await advertiser.serve();
    const { exitCode } = await publisher.run("run", "roi.yaml");
    expect(exitCode).toBe(4);
    await serving.kill();
  });
});

describe("the proposer's own policy", () => {
  test("refuses before anything is sent", async () => {
    advertiser.policies(policyOf("advertiser", { sum: [] }));
    const before = await publisher.sessions();
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(4);
    expect(told(stderr)).toContain("refused by this node's own policy");
    expect(told(stderr)).toMatch(/may not sum "revenue"/);
    expect(await publisher.sessions()).toEqual(before);
  });
});

test("nothing at all is allowed where no policy is written", async () => {
  publisher.policies("  []");
  const { exitCode, stderr } = await run();
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/exact reports are not allowed/);
});

test("the larger threshold of the two policies holds", async () => {
  publisher.policies(policyOf("publisher", { threshold: 23 }));
  const { stdout } = await run();
  // 22 people saw "spring": below the publisher's 23.
  expect(cellsOf(stdout)).toEqual([]);
  expect(JSON.parse(stdout).threshold).toBe(23);
});

test("preview says what both policies say and what each side would learn, and leaves no trace", async () => {
  publisher.policies(policyOf("publisher", { group_by: [], approval: "by-hand" }));
  const before = await Promise.all([advertiser.sessions(), publisher.sessions()]);
  const words = await advertiser.ok("preview", "roi.yaml", "--with", "publisher");
  expect(words).toMatch(/Our policy accepts/);
  expect(words).toMatch(/The partner's policy refuses: .*"campaign"/);
  expect(words).toMatch(/We learn\n- /);
  expect(await Promise.all([advertiser.sessions(), publisher.sessions()])).toEqual(before);
});

describe("a request", () => {
  test.each([
    [
      "with a field that does not exist",
      requestOf("advertiser", { rest: "exact: true\nthresold: 5" }),
      /line \d+.*thresold/,
    ],
    [
      "for another partner than --with says",
      requestOf("advertiser").replace("publisher", "somebody"),
      /somebody/,
    ],
    [
      "with a threshold below 11",
      requestOf("advertiser", { threshold: 10 }),
      /line \d+, threshold.*11 or more/,
    ],
  ])("%s ends with 2, line, field and remedy", async (_name, yaml, words) => {
    advertiser.write("roi.yaml", yaml);
    const { exitCode, stderr } = await advertiser.run("run", "roi.yaml", "--with", "publisher");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
  });
});

describe("a proposal that waits for a person", () => {
  let reports = 0;
  const byHand = () => publisher.policies(policyOf("publisher", { approval: "by-hand" }));
  /** Starts a run that waits, and gives the id under which the publisher holds it. */
  async function waiting() {
    // A different report each time, so that no stored one is served.
    advertiser.write("roi.yaml", requestOf("advertiser", { high: 500 + ++reports }));
    byHand();
    const running = advertiser.start(["run", "roi.yaml", "--json"]);
    await running.seen((line) => line.startsWith("Waiting for a person"));
    const [held] = await publisher.sessions();
    expect(held).toMatchObject({ state: "held" });
    return { running, id: held!.id };
  }

  test("shows what it would reveal, runs once approved, and only once", async () => {
    const { running, id } = await waiting();
    const shown = await publisher.ok("sessions");
    expect(shown).toMatch(new RegExp(`${id}, with advertiser`));
    expect(shown).toMatch(/The partner would learn\n {2}- The numbers of the cells that open/);
    expect(shown).toContain(`halfroom approve ${id}`);
    await publisher.ok("approve", id);
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(0);
    expect(cellsOf(stdout)).toEqual(EXPECTED);
    expect((await publisher.run("approve", id)).exitCode).toBe(2);
  });

  test("gives the proposer the reason of a denial", async () => {
    const { running, id } = await waiting();
    await publisher.ok("deny", id, "--reason", "not in the contract");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(4);
    expect(stderr).toContain("- not in the contract");
    expect((await publisher.sessions())[0]).toMatchObject({
      state: "refused",
      reasons: [{ code: "denied" }],
    });
  });

  test("goes on waiting after both sides were killed and started again", async () => {
    const { running, id } = await waiting();
    await Promise.all([running.kill(), serving.kill()]);
    serving = await publisher.serve();
    const again = advertiser.start(["run", "roi.yaml", "--json"]);
    expect(await again.seen((line) => line.startsWith("Asking again"))).toMatch(/session/);
    expect((await publisher.sessions()).filter(({ state }) => state === "held")).toHaveLength(1);
    await publisher.ok("approve", id);
    expect((await again.ended).exitCode).toBe(0);
  });

  test("lapses when nobody decides in time", async () => {
    advertiser.write("roi.yaml", requestOf("advertiser", { threshold: 21 }));
    byHand();
    const running = advertiser.start(["run", "roi.yaml"], { HALFROOM_APPROVAL_HOURS: "0.0005" });
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/nobody answered in time/);
  });
});

test("an exact report is given once a period: then the stored one, or one constant refusal, whatever changed", async () => {
  advertiser.write("roi.yaml", requestOf("advertiser", { high: 600 }));
  const first = await run();
  expect(first.exitCode).toBe(0);
  publisher.policies(policyOf("publisher", { exact: 1 }));
  const stored = await run();
  expect(stored.stderr).toContain("no cost");
  expect(stored.stdout).toBe(first.stdout);
  const rows = readFileSync(join(advertiser.folder, "purchases.csv"), "utf8");
  advertiser.write("purchases.csv", `${rows}another@example.net,1.00\n`);
  const otherData = await run();
  advertiser.write("purchases.csv", rows);
  advertiser.write("roi.yaml", requestOf("advertiser", { high: 601 }));
  const otherRequest = await run();
  const lastLine = ({ stderr }: Run) => stderr.split("\n").at(-1);
  for (const refused of [otherData, otherRequest]) {
    expect(refused.exitCode).toBe(4);
    expect(lastLine(refused)).toContain("no budget, numbers, exact report or evaluations left");
    expect(lastLine(refused)).toBe(lastLine(otherData));
  }
  expect(await advertiser.ok("preview", "roi.yaml")).toContain("no further exact report in this period");
});

test("people who opted out enter no session", async () => {
  publisher.write("optout.csv", "email\np30@example.com\np31@example.com\n");
  expect(await publisher.ok("suppress", "add", "optout.csv")).toContain("2 of them new");
  advertiser.write("roi.yaml", requestOf("advertiser", { threshold: 14 }));
  const { stdout } = await run();
  // 30 and 31 had 30.25 and 31.25 of "spring".
  expect(cellsOf(stdout)).toEqual([
    { campaign: "spring", people: 20, revenue: EXPECTED[0]!.revenue - 30.25 - 31.25 },
  ]);
});
