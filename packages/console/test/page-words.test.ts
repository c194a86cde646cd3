// What the page makes of data: names of others, requests, changes of policies, two reports.
import { addPolicies, parseRequest, readPolicy } from "@halfroom/node";
import { expect, test } from "vitest";
import type { Policy, Session, Template } from "../web/src/answers.ts";
import { mayOf } from "../web/src/house.ts";
import { placeOf } from "../web/src/router.ts";
import { compare, isNumber, readDocument, termDifferences } from "../web/src/words/compare.ts";
import { policyWords } from "../web/src/words/policies.ts";
import { draftOf, entryOf, policyDifferences } from "../web/src/words/policy-draft.ts";
import { EMPTY_DRAFT, yamlOf, type Draft, type SeriesDraft } from "../web/src/words/request.ts";
import { decimal, fact, inQuotes, name, sentence, span } from "../web/src/words/text.ts";
import { waitsOf, type Held } from "../web/src/words/waiting.ts";
import { openPair } from "./pair.ts";

test("what others wrote is shown as text: nothing in it hides, and it does not fill the page", () => {
  expect(name("a\u202eb\u0007c")).toBe(String.raw`"a\u{202e}b\u{7}c"`);
  expect(inQuotes('end" of it')).toBe(String.raw`"end\u{22} of it"`);
  expect(sentence("two\nlines")).toBe(String.raw`two\u{a}lines`);
  expect(name("x".repeat(10_000)).length).toBeLessThan(130);
  expect(fact("report", "ab".repeat(32))).toBe("abababababab…");
  expect(fact("expiresAt", Date.parse("2026-11-30T12:00:00"))).toMatch(/^2026-11-30 12:00 \S+$/);
  expect(span(3 * 3_600_000)).toBe("3 hours");
});

test("places with anything in them are read, also what was never one", () => {
  expect(placeOf("#/policies/a%2Fb/c")).toEqual(["policies", "a/b", "c"]);
  expect(placeOf("#/%")).toEqual(["%"]);
  expect(placeOf("")).toEqual([]);
});

test("a request of the form is one that the command line takes", () => {
  const draft = {
    ...EMPTY_DRAFT,
    partner: "publisher",
    match: ["email"],
    ours: {
      dataset: "purchases",
      groupBy: [],
      where: " orders > 1 ",
      measures: [{ name: "revenue", low: "0", high: "400.5", decimals: "2", variance: true }],
    },
    theirs: { dataset: "no: list", groupBy: ["campaign"], measures: [] },
    epsilon: "2",
    result: "us" as const,
  };
  expect(parseRequest(yamlOf(draft), "yaml")).toMatchObject({
    partner: "publisher",
    ours: "purchases",
    theirs: "no: list",
    where: "orders > 1",
    match: ["email"],
    partitions: [["campaign"]],
    measures: [{ name: "revenue", low: "0.00", high: "400.50", decimals: 2, squares: true }],
    threshold: 100,
    release: { mode: "noise", microEpsilon: 2_000_000 },
    resultTo: "us",
  });
  expect(parseRequest(yamlOf(draft), "yaml").series).toBeUndefined();
  const repeated = (part: Partial<SeriesDraft>) => {
    const series = {
      ...EMPTY_DRAFT.series,
      isOn: true,
      from: "2027-01-04",
      timezone: "Europe/Berlin",
      ...part,
    };
    return parseRequest(yamlOf({ ...draft, series }), "yaml").series;
  };
  expect(repeated({})).toMatchObject({ every: "week", on: 1, at: "06:00", from: "2027-01-04", runs: 52 });
  expect(repeated({ every: "month", on: "last" })).toMatchObject({ on: 31, timezone: "Europe/Berlin" });
  expect(repeated({ every: "month", on: "15" })).toMatchObject({ on: 15 });
  expect(repeated({ every: "day" })).toMatchObject({ on: 0 });
  expect(() => repeated({ from: "soon" })).toThrow(/series\.from/);
  const reach = { ...draft, report: "reach" as const, newPeople: true };
  const isNew = (part: Partial<Draft>) => parseRequest(yamlOf({ ...reach, ...part }), "yaml").newPeople;
  const series = { ...EMPTY_DRAFT.series, isOn: true, from: "2027-01-04" };
  expect([
    isNew({ series }),
    isNew({}),
    isNew({ series, report: "sums" }),
    isNew({ series, newPeople: false }),
  ]).toEqual([true, undefined, undefined, undefined]);
  const unfit = yamlOf({ ...draft, threshold: "many" });
  expect(() => parseRequest(unfit, "yaml")).toThrow(/threshold/);
});

test("what waits is for whoever may decide on it, and has not; templates by the same rules", () => {
  const approvals = (barred?: "approved" | "token") => ({ needed: 2, given: [], ...(barred && { barred }) });
  const template = (id: string, more: object = {}) => ({ id, ...more }) as unknown as Template;
  const held = {
    sessions: [
      { id: "a", state: "held", initiatedBy: "partner", approvals: approvals() },
      { id: "b", state: "held", initiatedBy: "partner", approvals: approvals("approved") },
      { id: "c", state: "held", initiatedBy: "us" },
    ] as unknown as Session[],
    templates: [
      template("d", { approvals: approvals() }),
      template("e", { approvals: approvals("approved") }),
      // Which today's policy refuses: theirs to withdraw.
      template("f"),
    ],
  };
  const idsOf = ({ sessions, templates }: Held) => [...sessions, ...templates].map(({ id }) => id).join("");
  const seenBy = (role: "approver" | "analyst") => {
    const { forYou, forOthers, elsewhere } = waitsOf(held, mayOf({ name: "anna", role, company: undefined }));
    return [idsOf(forYou), idsOf(forOthers), elsewhere.map(({ id }) => id).join("")];
  };
  expect(seenBy("approver")).toEqual(["adf", "be", "c"]);
  expect(seenBy("analyst")).toEqual(["a", "bdef", "c"]);
});

test("a policy that is changed keeps what was written, and leaves defaults to the node", async () => {
  const { publisher } = await openPair({ approval: "by-hand" });
  const { node } = publisher;
  const before = await readPolicy(node, "advertiser", "exposures");
  const change = {
    ...draftOf(before as Policy),
    threshold: "30",
    hours: "mon, fri 08:00 to 18:00 Europe/Berlin",
  };
  expect(policyDifferences(before as Policy, change).map(({ what, sense }) => [what, sense])).toEqual([
    ["Threshold", "stricter"],
    ["Automatic within", "stricter"],
  ]);
  const senses = (part: Record<string, string>) =>
    policyDifferences(before as Policy, { ...draftOf(before as Policy), ...part }).map(({ sense }) => sense);
  expect(senses({ approval: "automatic", budget: "1000", expires: "2099-12-31" })).toEqual([
    "looser",
    "looser",
    "stricter",
  ]);
  expect(senses({ group_by: "", period_days: "400", replay: "required" })).toEqual([
    "stricter",
    "stricter",
    undefined,
  ]);
  expect(senses({ silent_transfers: "refused" })).toEqual(["stricter"]);
  const entry = entryOf({ partner: "advertiser", dataset: "exposures" }, change, before as Policy);
  expect(Object.keys(entry)).not.toContain("population_budget");
  await addPolicies(node, { text: JSON.stringify(entry), name: "yaml" });
  const after = await readPolicy(node, "advertiser", "exposures");
  expect(after.fields).toEqual({
    ...before.fields,
    threshold: 30,
    hours: "mon, fri 08:00 to 18:00 Europe/Berlin",
  });
  const same = entryOf(
    { partner: "advertiser", dataset: "exposures" },
    draftOf(after as Policy),
    after as Policy,
  );
  await addPolicies(node, { text: JSON.stringify(same), name: "yaml" });
  expect(await readPolicy(node, "advertiser", "exposures")).toEqual(after);
  const words = policyWords(after as Policy).join("\n");
  expect(words).toMatch(/group by "campaign", and add up nothing: it counts people alone/);
  expect(words).toMatch(/at least 30 people/);
  expect(words).toMatch(/100 exact reports/);
});

test("two reports are compared where they have the same, and a change beyond the noise is told", () => {
  const released = (value: number, reach: number) => ({ value, low: value - reach, high: value + reach });
  const report = (people: number, label: string, high = 500) =>
    readDocument(
      JSON.stringify({
        kind: "sums",
        threshold: 50,
        measures: [{ name: "revenue", decimals: 2, low: 0, high }],
        partitions: [
          {
            groupBy: ["campaign"],
            senderGroupBy: [],
            cells: [
              { labels: ["spring"], people: released(people, 5), sums: [null] },
              { labels: [label], people: released(80, 5), sums: [released(10, 1)] },
            ],
          },
        ],
      }),
    );
  const [table] = compare(report(100, "autumn"), report(120, "winter"));
  expect(table).toMatchObject({ columns: ["campaign"], numbers: ["people", "revenue"] });
  expect(table!.rows.map(({ labels }) => labels[0])).toEqual(["spring", "winter", "autumn"]);
  expect(table!.rows[0]!.numbers.map(({ isClear }) => isClear)).toEqual([true, false]);
  expect(table!.rows[1]!.numbers[0]).toMatchObject({ before: undefined, after: { value: 80 } });
  expect(termDifferences(report(100, "autumn"), report(120, "winter", 300))).toEqual([
    { what: 'one person\'s "revenue"', before: "from 0 to 500", now: "from 0 to 300" },
  ]);
  const [close] = compare(report(100, "autumn"), report(108, "autumn"));
  expect(close!.rows[0]!.numbers[0]!.isClear).toBe(false);
});

test("whose labels the cells are sees cells that are closed in both reports, and where it had nobody", () => {
  const report = (role: "receiver" | "sender", opened: string[], base: Record<string, number>) =>
    readDocument(
      JSON.stringify({
        kind: "overlap",
        role,
        threshold: 50,
        partitions: [
          {
            groupBy: ["campaign"],
            senderGroupBy: [],
            cells: opened.map((label) => ({ labels: [label], people: { value: 60, low: 60, high: 60 } })),
            base:
              role === "receiver"
                ? Object.entries(base).map(([label, people]) => ({ labels: [label], people }))
                : null,
          },
        ],
      }),
    );
  const rowsOf = (role: "receiver" | "sender") => {
    const before = report(role, ["spring"], { spring: 90, winter: 20, none: 0 });
    const after = report(role, ["spring", "summer"], { spring: 90, winter: 30, summer: 80 });
    const [table] = compare(before, after);
    return table!.rows.map(({ labels, numbers: [people] }) => {
      const said = [people!.before, people!.after].map((value) => (isNumber(value) ? value.value : value));
      return [...labels, ...said];
    });
  };
  expect(rowsOf("receiver")).toEqual([
    ["spring", 60, 60],
    ["winter", null, null],
    ["summer", "nobody", 60],
  ]);
  expect(rowsOf("sender")).toEqual([
    ["spring", 60, 60],
    ["summer", undefined, 60],
  ]);
});

test("decimals keep all their digits", () => {
  expect(["500.00", "-1099511627776", "4611686018427387904.5", "0"].map(decimal)).toEqual([
    "500.00",
    "-1,099,511,627,776",
    "4,611,686,018,427,387,904.5",
    "0",
  ]);
});
