// What is said of a report beside the one before: everything that is otherwise, and who decided on it.
import { TERMS } from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { expect, test } from "vitest";
import {
  approve,
  compareWithLast,
  deny,
  listHeld,
  policyChangesSince,
  readSession,
} from "../src/api/sessions.ts";
import { addPolicies, removePolicy } from "../src/api/policies.ts";
import { handleOf } from "../src/api/node.ts";
import { termsDifferences } from "../src/policy/term-differences.ts";
import { twoNodes } from "./two-nodes.ts";

/** Every member of the terms otherwise than in `TERMS`. */
const OTHER: { readonly [Name in Exclude<keyof Terms, "initiator">]-?: Terms[Name] } = {
  protocol: "halfroom/4 other",
  datasets: { sender: "a", receiver: "b" },
  report: "attribution",
  match: [{ key: "phone", label: "phone/1" }],
  measures: [{ name: "m", low: -5n, high: 995n, decimals: 1, squares: true }],
  streams: "own",
  senderGroupBy: ["tier"],
  partitions: [["week", "region"]],
  entriesMax: 7,
  events: { perPerson: 3, windowSeconds: 86_400 },
  arms: { column: "arm", test: "t", control: "c" },
  threshold: 4321,
  release: {
    mode: "noise",
    mechanism: "gaussian",
    microEpsilon: 250_000,
    deltaExponent: 9,
    weights: { people: 2, measures: [3] },
  },
  newPeople: true,
  totals: !TERMS.totals,
  rules: TERMS.rules === "pair" ? "standard" : "pair",
  resultTo: "sender",
  otK: 8,
  shardPeople: 12_345,
  replay: !TERMS.replay,
  transfers: "silent",
  series: {
    every: "week",
    on: 1,
    at: "06:00",
    timezone: "Europe/Berlin",
    from: "2027-01-04",
    runs: 52,
    missed: "late",
    lateSeconds: 86_400,
    numbers: 500,
  },
  template: {
    name: "campaign-roi",
    version: 2,
    digest: new Uint8Array(32).fill(7),
    parameters: [{ name: "by", value: ["week"] }],
  },
};

test.each(Object.keys(OTHER) as (keyof typeof OTHER)[])("%s alone is told", (name) => {
  const seen = { role: "receiver", where: undefined } as const;
  const before = { ...seen, terms: TERMS };
  const now = { ...seen, terms: { ...TERMS, [name]: OTHER[name] } as Terms };
  expect(termsDifferences(before, before)).toEqual([]);
  const found = termsDifferences(before, now);
  expect(found).not.toEqual([]);
  const back = found.map(({ what, before: from, now: to }) => ({ what, before: to, now: from }));
  expect(termsDifferences(now, before)).toHaveLength(found.length);
  expect(termsDifferences(now, before)).toEqual(expect.arrayContaining(back));
});

test("bounds of a measure and one's own filter are told in numbers and words", () => {
  const [measure] = OTHER.measures;
  const before = { role: "sender", where: undefined, terms: { ...TERMS, measures: [measure!] } } as const;
  const now = {
    ...before,
    where: "paid = true",
    terms: { ...TERMS, measures: [{ ...measure!, high: 500n, squares: false }] },
  } as const;
  expect(termsDifferences(before, now)).toEqual([
    {
      what: 'sum of "m"',
      before: "each person counts for -0.5 to 99.5, and its square",
      now: "each person counts for -0.5 to 50.0",
    },
    { what: "our filter", before: "none", now: "paid = true" },
  ]);
});

test("a proposal is held against the last report, and says afterwards who decided; a policy's change is in the log", async () => {
  const { publisher, run } = await twoNodes();
  await run();
  const handle = handleOf(publisher);
  const [first] = publisher.sessions.list();
  expect(await compareWithLast(handle, first!.id)).toBeUndefined();
  expect((await readSession(handle, first!.id)).decided).toEqual([]);

  const text =
    "{ partner: advertiser, dataset: exposures, group_by: [campaign], threshold: 12, people: 10, exact: 9 }";
  await addPolicies(handle, { text, name: "policy" });
  const { facts } = publisher.audit.entries().find(({ kind }) => kind === "config-changed")!;
  expect(facts).toEqual({
    policy: "advertiser/exposures",
    changed: 'threshold: 11 -> 12; exact: 1000 -> 9; approval: "automatic" -> "by-hand"',
  });

  expect(await policyChangesSince(handle, first!.id)).toEqual([
    { at: expect.any(Number), by: undefined, words: facts["changed"] },
  ]);
  await addPolicies(handle, { text, name: "policy" });
  expect(await policyChangesSince(handle, first!.id)).toHaveLength(1);

  const decided = async (decide: (id: string) => Promise<unknown>, threshold: number) => {
    const running = run(undefined, undefined, `revenue < ${threshold}`);
    let id: string | undefined;
    while ((id = (await listHeld(handle))[0]?.id) === undefined)
      await new Promise((wait) => setTimeout(wait, 20));
    const compared = await compareWithLast(handle, id);
    expect(await policyChangesSince(handle, id)).toEqual([]);
    await decide(id);
    await Promise.allSettled([running]);
    const [decision] = (await readSession(handle, id)).decided!;
    return { compared, decision };
  };
  const denied = await decided((id) => deny(handle, id, "not today"), 500);
  // The filter is the advertiser's own; here only the threshold is another one, as our policy asks.
  expect(denied.compared).toMatchObject({
    last: first!.id,
    differences: [{ what: "threshold", before: "11 people", now: "12 people" }],
    warning: expect.stringMatching(/Both are exact/),
  });
  expect(denied.decision).toMatchObject({ decision: "denied", by: expect.stringMatching(/^account:/) });
  const approved = await decided((id) => approve(handle, id), 400);
  expect(approved.decision).toMatchObject({ decision: "approved" });
  const [last] = publisher.sessions.list();
  expect(await policyChangesSince(handle, last!.id)).toEqual([]);
  await removePolicy(handle, "advertiser", "exposures");
  expect(await policyChangesSince(handle, last!.id)).toMatchObject([{ words: "removed" }]);
  expect(await policyChangesSince(handle, first!.id)).toHaveLength(2);
});
