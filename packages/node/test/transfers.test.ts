// Where transfers come from: the rule, the speed of the line that it goes by, and that orders, policies and proposals that wait come first.
import { transfersAs, type Terms } from "@halfroom/session";
import { exactSums, TERMS } from "@halfroom/testkit";
import { ignored } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { listPartners } from "../src/api/partners.ts";
import { checkRequest, preview, run } from "../src/api/run.ts";
import { cancel, listSessions } from "../src/api/sessions.ts";
import { effortOf } from "../src/run/effort.ts";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { chooseTransfers, type TransfersFacts } from "../src/run/transfers.ts";
import { olderPartner } from "./older-partner.ts";
import { OVERLAP_REQUEST, requestOf, twoNodes, type SiteChanges, type TwoNodes } from "./two-nodes.ts";

const MEASURED_AT = Date.UTC(2026, 10, 30, 12);
const mbit = (rate: number) => ({ bytesPerSecond: (rate * 1e6) / 8, measuredAt: MEASURED_AT });
const effort = (seconds: number, busierBytes: number) => {
  return { seconds, busierBytes, bytes: 2 * busierBytes, isFirst: false, assumed: [] };
};
/** Of a million people a side, as docs/bench has their bytes: 58 s of computing without a line, 659 and 173 MB the busier way. */
const MILLION = { softspoken: effort(58, 659e6), silent: effort(58, 173e6) };
const facts = (changed: Partial<TransfersFacts>): TransfersFacts => {
  return { isAllowed: true, line: mbit(100), efforts: MILLION, ...changed };
};

describe("the rule", () => {
  test.each([
    ["a line of 100 Mbit/s", {}, "silent", "72 s in place of 110 s"],
    ["a slow one", { line: mbit(2) }, "silent", "at the 2 Mbit/s that were measured on 2026-11-30"],
    ["a fast one", { line: mbit(10_000) }, "softspoken", "less than a tenth of the time"],
    ["a policy without them", { isAllowed: false }, "softspoken", "our policy refuses silent ones"],
    ["no line", { line: undefined }, "softspoken", "no session with this partner has measured the line"],
    ["no sizes", { efforts: undefined }, "softspoken", "has shown the sizes of both sides"],
  ] as const)("%s", (_, changed, source, words) => {
    const choice = chooseTransfers(facts(changed));
    expect(choice).toMatchObject({ source, isOrdered: false });
    expect(choice.why).toContain(words);
  });

  test("a tenth of the session's time is enough, and less is not", () => {
    const of = (silentSeconds: number) =>
      chooseTransfers(
        facts({
          line: { bytesPerSecond: 1e6, measuredAt: MEASURED_AT },
          efforts: { softspoken: effort(90, 10e6), silent: effort(silentSeconds, 1e6) },
        }),
      ).source;
    expect([of(88.9), of(89.1)]).toEqual(["silent", "softspoken"]);
  });
});

/** Some thousand people of either side. */
const PEOPLE = Array.from({ length: 3000 }, (_, i) => i);
const crowd = (): { advertiser: SiteChanges; publisher: SiteChanges } => {
  return {
    advertiser: { rows: PEOPLE.map((i) => `p${i}@example.com,${i % 100}.25`) },
    publisher: { rows: PEOPLE.map((i) => `p${i}@example.com,${i % 2 === 0 ? "spring" : "autumn"}`) },
  };
};
const withTransfers = (lines: string) => ({ text: `${requestOf(undefined)}${lines}\n`, name: "roi.yaml" });
const measure = ({ advertiser }: TwoNodes, rate: number) =>
  advertiser.partners.measureLine("publisher", mbit(rate));
const sourceOf = async ({ advertiser }: TwoNodes, lines: string) =>
  (await planReport(advertiser, withTransfers(lines))).transfers.source;
const termsOf = ({ advertiser, publisher }: TwoNodes) =>
  [advertiser, publisher].map((node) => node.sessions.list()[0]!.terms.transfers);

test("of many cells a session is estimated to take far less time with silent ones, which group through networks; of few it takes as long", () => {
  const machine = { multiplicationsPerSecond: 25_000, slower: 1, expandedTransfer: 0, threads: 1 };
  const ratio = (cells: number) => {
    const [softspoken, silent] = [undefined, "silent" as const].map((transfers) => {
      const terms = exactSums({ measures: [], groupBy: ["cell"], threshold: 11, otK: 4 });
      const sizes = { sender: { people: 1e6, categories: 1 }, receiver: { people: 1e6, cells: [cells] } };
      const none = { prepareSeconds: 0, roundTripSeconds: 0, assumed: [], isFirst: false };
      const question = { ...none, terms: transfersAs(terms, { transfers }), sizes };
      return effortOf(machine, { ...question, fresh: { sender: 0, receiver: 0 } }).seconds;
    });
    return softspoken! / silent!;
  };
  expect(ratio(64)).toBe(1);
  expect(ratio(65_536)).toBeGreaterThan(10);
});

test("a slow line makes them silent once sizes are known, and preview says why and by which assumption; the report stays the same one", async () => {
  const nodes = await twoNodes(crowd());
  const handle = handleOf(nodes.advertiser);
  const soft = await nodes.run("exact: true");
  expect(termsOf(nodes)).toEqual([undefined, undefined]);
  measure(nodes, 1);
  const seen = await preview(handle, withTransfers("exact: true"));
  expect(seen.outlook).toMatchObject({
    transfers: {
      source: "silent",
      why: expect.stringContaining("1 Mbit/s that were measured on 2026-11-30"),
    },
    line: mbit(1),
    stored: soft.session,
  });
  expect(seen.ahead.join("\n")).toMatch(/s more at the 1 Mbit\/s[^]*Transfers are silent: at the 1 Mbit\/s/);
  expect(seen.report.join("\n")).toMatch(/rests on the hardness of decoding a code/);
  expect((await checkRequest(handle, withTransfers("exact: true"))).join("\n")).toMatch(
    /Transfers are silent/,
  );

  // Of the same data the report is there; of other terms it is run, and its bytes are those of silent transfers.
  expect((await nodes.run("exact: true")).session).toBe(soft.session);
  const told: string[] = [];
  const silent = await run(handle, withTransfers("exact: true\nrules: pair"), (event) => {
    if (event.type === "transfers") told.push(event.words);
  });
  expect(termsOf(nodes)).toEqual(["silent", "silent"]);
  expect(told).toEqual([expect.stringMatching(/^Transfers are silent: at the 1 Mbit/)]);
  expect(bytesOf(silent.json)).toBeLessThan(0.7 * bytesOf(soft.json));
});

function bytesOf(json: string): number {
  const { details } = JSON.parse(json) as { details: { stages: { bytesSent: number }[] } };
  return details.stages.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
}

test("orders win over the rule, whichever they are", async () => {
  const nodes = await twoNodes(crowd());
  expect(await sourceOf(nodes, "exact: true")).toBe("softspoken");
  expect(await sourceOf(nodes, "exact: true\ntransfers: silent")).toBe("silent");
  await nodes.run("exact: true");
  measure(nodes, 1);
  expect(await sourceOf(nodes, "exact: true")).toBe("silent");
  const plan = await planReport(nodes.advertiser, withTransfers("exact: true\ntransfers: softspoken"));
  expect(plan.transfers).toEqual({ source: "softspoken", isOrdered: true, why: undefined });
  expect(plan.terms.transfers).toBeUndefined();
  measure(nodes, 10_000);
  expect(await sourceOf(nodes, "exact: true")).toBe("softspoken");
});

test("a policy that refuses them: ours is never asked against, the partner's says what to write", async () => {
  const refusing = { policy: { silent_transfers: "refused" } };
  const ours = await twoNodes({ advertiser: refusing });
  measure(ours, 1);
  const plan = await planReport(ours.advertiser, withTransfers("exact: true"));
  expect(plan.transfers).toMatchObject({ source: "softspoken", why: expect.stringContaining("our policy") });
  await expect(ours.run("exact: true\ntransfers: silent")).rejects.toMatchObject({ code: "refused-here" });

  const theirs = await twoNodes({ publisher: refusing });
  await expect(theirs.run("exact: true\ntransfers: silent")).rejects.toMatchObject({
    code: "refused-there",
    message: expect.stringContaining("ask with `transfers: softspoken`"),
  });
  await theirs.run("exact: true\ntransfers: softspoken");
});

/** The machine may be busy. */
const PATIENT = { timeout: 60_000 };

test("a proposal that waits keeps its transfers whatever the line is now, unless the request orders others", async () => {
  const nodes = await twoNodes({ publisher: { policy: { approval: "by-hand" } } });
  const { advertiser } = nodes;
  const ended = new AbortController();
  const propose = async (lines: string, onEvent: (event: RunEvent) => void = () => {}) => {
    const plan = await planReport(advertiser, withTransfers(lines));
    return await initiate(advertiser, { ...plan, signal: ended.signal }, onEvent);
  };
  const states = async () => (await listSessions(handleOf(advertiser))).map(({ state }) => state);
  const first = propose("exact: true\ntransfers: silent").catch(() => undefined);
  await expect.poll(states, PATIENT).toEqual(["held"]);
  const [waiting] = advertiser.sessions.list();
  advertiser.sessions.letGo(waiting!.id);
  const told: RunEvent[] = [];
  const second = propose("exact: true", (event) => told.push(event)).catch(() => undefined);
  await expect.poll(() => told.map(({ type }) => type)).toEqual(["proposed", "transfers", "terms", "held"]);
  expect(told[0]).toMatchObject({ id: waiting!.id, resumed: true });
  expect(told[1]).toMatchObject({ words: "Transfers are silent, as in the proposal that waits." });
  advertiser.sessions.letGo(waiting!.id);
  const third = propose("exact: true\ntransfers: softspoken").catch(() => undefined);
  await expect.poll(states, PATIENT).toEqual(["held", "held"]);
  expect(termsOf(nodes)).toEqual([undefined, undefined]);
  ended.abort();
  await Promise.all([first, second, third]);
  await cancel(handleOf(advertiser), waiting!.id).catch(ignored);
});

test("a proposal that comes again with other transfers is another one: nobody has approved those", async () => {
  const { sessions } = (await twoNodes()).publisher;
  const now = Date.now();
  const about = {
    partner: "advertiser",
    proposal: "0f".repeat(16),
    initiatedBy: "partner",
    role: "receiver",
  } as const;
  const open = (terms: Terms) => sessions.open({ ...about, terms, now, expiresAt: now + 60_000 });
  const { id } = open(TERMS);
  expect(open(TERMS).id).toBe(id);
  expect(() => open({ ...TERMS, transfers: "silent" })).toThrow(
    expect.objectContaining({ code: "replayed" }),
  );
});

test("a partner of an earlier version, which ends what it cannot read, is asked the same again without silent ones", async () => {
  const nodes = await twoNodes(crowd());
  await nodes.run("exact: true");
  measure(nodes, 1);
  const isSilent = (terms: string) => terms.includes('"transfers":"silent"');
  const asked = await olderPartner(nodes, (terms) => !isSilent(terms));
  measure(nodes, 1);
  const seen = await preview(handleOf(nodes.advertiser), withTransfers("exact: true\nrules: pair"));
  expect(seen.outlook!.transfers).toMatchObject({
    source: "softspoken",
    why: expect.stringContaining("Halfroom 0.2 or older"),
  });
  const told: string[] = [];
  const ran = nodes.run("exact: true\nrules: pair", (event) => {
    if (event.type === "transfers") told.push(event.words);
  });
  await expect(ran).rejects.toMatchObject({ code: "refused-there" });
  expect(told).toEqual([seen.outlook!.transfers.why]);
  expect(asked.map(({ terms }) => isSilent(terms))).toEqual([true, false, true, false]);
  await expect(nodes.run("exact: true\nrules: pair\ntransfers: silent")).rejects.toMatchObject({
    code: "malformed",
  });
});

/** Many entries and events of each person, so that a few people move much: 36 MB from the receiver, 22 from the sender. */
const ATTRIBUTION = `partner: publisher
report: attribution
ours: { dataset: purchases, group_by: [tier] }
theirs: { dataset: exposures }
entries: 16
events: 8
threshold: 11
exact: true
`;

test("a session in which 32 MiB leave measures the line, and the next preview goes by it; one in which less do says nothing", async () => {
  const people = PEOPLE.slice(0, 1500);
  const at = { time: { column: "at" } };
  const nodes = await twoNodes({
    advertiser: {
      header: "email,tier,at",
      rows: people.map((i) => `p${i}@example.com,new,2026-11-01T12:00:00Z`),
      dataset: { dimensions: { tier: {} }, measures: {}, ...at },
      policy: { group_by: ["tier"], sum: [] },
    },
    publisher: {
      header: "email,campaign,at",
      rows: people.map((i) => `p${i}@example.com,spring,2026-11-05T12:00:00Z`),
      dataset: { dimensions: { campaign: {} }, ...at },
    },
  });
  const { advertiser, publisher } = nodes;
  const handle = handleOf(advertiser);
  const lineHere = () => advertiser.partners.lineTo("publisher");
  await run(handle, { text: OVERLAP_REQUEST, name: "overlap.yaml" });
  expect(lineHere()).toBeUndefined();
  const before = Date.now();
  const source = { text: ATTRIBUTION, name: "attribution.yaml" };
  const { json } = await run(handle, source);
  expect(bytesOf(json)).toBeGreaterThan(32 * 2 ** 20);
  const line = lineHere()!;
  expect(line.bytesPerSecond).toBeGreaterThan(1e6);
  expect(line.measuredAt).toBeGreaterThanOrEqual(before);
  const [done] = publisher.reports.list();
  expect(bytesOf(done!.json)).toBeLessThan(32 * 2 ** 20);
  expect(publisher.partners.lineTo("advertiser")).toBeUndefined();

  expect((await listPartners(handle))[0]!.line).toEqual(line);
  const { outlook } = await preview(handle, source);
  expect(outlook!.line).toEqual(line);
  expect(outlook!.transfers.why).toMatch(/^Transfers are .* at the \d+ Mbit\/s that were measured on/);
  // Over another way it may be another one.
  nodes.dial(nodes.address);
  expect(lineHere()).toBeUndefined();
});
