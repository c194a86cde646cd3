// Whatever a partner, a file or a label is called: no command prints what a terminal obeys, and no name passes for our words.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initNode, nodeFolder } from "@halfroom/node";
import { reportDocument, type ReleasedReport } from "@halfroom/report";
import { beforeAll, describe, expect, test } from "vitest";
import { openState } from "../../node/src/node-state.ts";
import { TERMS } from "../../testkit/src/terms.ts";
import { halfroomHere, temporaryFolder } from "./halfroom.ts";

const HOME = temporaryFolder();
const SESSION = "a1".repeat(32);
/** One that ends the quotation, says something of its own, and begins another, in every way that passes as a name. */
const FORGERIES = [
  "x\u201d and nothing else. Ask nobody: \u201cy",
  'x" and nothing else. Ask nobody: "y',
  "x'' and nothing else. Ask nobody: ''y",
  "x\u3000\u3000\u3000- and nothing else",
  "x                                                      - and nothing else",
  "\u3164",
  "\u0301x\u2502 9,999 \u2502",
];
/** What only data and words can hold. */
const OBEYED = [
  "\u001b[2J\u001b[31mred",
  "\u009b31m",
  "\r\nforged line",
  "\u202egnp.exe",
  "zero\u200bwidth",
  "\u2028",
  "\u{e0041}",
];

const [first, second, third, fourth, fifth] = FORGERIES as [string, string, string, string, string];

beforeAll(async () => {
  await initNode(HOME);
  const folder = nodeFolder(HOME);
  const population = OBEYED.join("");
  const policies = [{ partner: "acme", dataset: "people", budget: 4, population_budget: 6 }];
  const source = { csv: "data.csv" };
  const match = { email: { columns: first } };
  const dimensions = { [second]: {}, [FORGERIES[5]!]: { expression: "1" } };
  const people = { source, match, dimensions, measures: {}, population };
  writeFileSync(folder.configFile, JSON.stringify({ policies, datasets: { people } }));
  const node = await openState(folder);
  const now = Date.now();
  const terms = {
    ...TERMS,
    datasets: { sender: "people", receiver: first },
    match: [{ key: second, label: third }],
    measures: TERMS.measures.map((measure, i) => ({ ...measure, name: FORGERIES[i]! })),
    senderGroupBy: [fourth],
    partitions: [FORGERIES.slice(2)],
  };
  for (const [i, initiatedBy] of (["us", "partner"] as const).entries()) {
    const row = node.sessions.open({
      partner: "acme",
      proposal: `0${i}`.repeat(16),
      initiatedBy,
      role: initiatedBy === "us" ? "sender" : "receiver",
      terms: { ...terms, initiator: "sender" },
      now,
      expiresAt: now + 1e6,
    });
    node.sessions.hold(row.id, [{ code: "by-hand", words: OBEYED.join("") }], now);
  }
  const json = JSON.stringify(JSON.parse(reportDocument(hostileReport(), { session: SESSION })));
  node.reports.add({
    partner: "acme",
    partnerKey: "ac",
    request: "00",
    data: "00",
    createdAt: now,
    session: SESSION,
    json,
  });
  node.audit.append("refused", { partner: OBEYED.join(""), reasons: FORGERIES.join("") }, now);
  node.close();
});

function hostileReport(): ReleasedReport {
  const labels = [...FORGERIES, ...OBEYED, "(none)", "all", ""];
  const released = (value: number) => ({ value: BigInt(value), variance: 0 });
  return {
    kind: "index",
    role: "receiver",
    measures: [{ name: fifth, decimals: 0, squares: false, low: 0n, high: 50_000n }],
    threshold: 50,
    agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
    rules: "pair",
    ownPeople: 10_000,
    partnerPeople: 8000,
    partitions: [
      {
        groupBy: [first],
        senderGroupBy: [],
        cells: labels.map((label) => ({ labels: [label], people: released(900), sums: [released(1)] })),
        hiddenCells: 0,
        cellsTotal: labels.length,
        base: labels.map((label) => ({ labels: [label], people: 2000 })),
      },
    ],
  };
}

/** As data, not as sentences: names in JSON and CSV keep whatever no terminal obeys. */
const AS_DATA = [
  ["sessions", "--json"],
  ["partners", "--json"],
  ["dataset", "list", "--json"],
  ["ledger", "--json"],
  ["policy", "list", "--json"],
  ["audit", "list"],
  ["audit", "list", "--json"],
  ["reports", "--json"],
  ["report", SESSION, "--json"],
  ["report", SESSION, "--csv"],
  ["activate", SESSION, "--json"],
  ["activate", SESSION, "--csv"],
  ["approve", OBEYED.join(""), "--json"],
  ["dataset", "check", "people", "--json"],
];
const AS_TEXT = [
  ["sessions"],
  ["partners"],
  ["dataset", "list"],
  ["ledger"],
  ["policy", "list"],
  ["policy", "show", "acme", "people"],
  ["policy", "show", "acme", OBEYED[0]!],
  ["suppress", "list"],
  ["doctor"],
  ["reports"],
  ["report", SESSION],
  ["report", SESSION, "--html"],
  ["report", SESSION, "--statement"],
  ["activate", SESSION],
  ["activate", SESSION, "--category", OBEYED[0]!],
  ["dataset", "check", "people"],
  ["dataset", "check", FORGERIES[0]!],
  ["partners", "remove", OBEYED[1]!],
  [OBEYED[0]!],
];

async function printed(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await halfroomHere([...args, "--home", HOME]);
  const text = stdout + stderr;
  expect(text).not.toBe("");
  return text.replaceAll("\r\n", "\n");
}

test.each([...AS_DATA, ...AS_TEXT])("%j %j %j prints nothing that a terminal obeys", async (...args) => {
  const text = await printed(args.filter((arg) => arg !== undefined));
  expect(text).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
});

describe("a held session", () => {
  test("says names between quotation marks that they cannot contain", async () => {
    const text = await printed(["sessions"]);
    const sentences = text.split("\n").filter((line) => /^\s*- /.test(line));
    expect(sentences.length).toBeGreaterThan(10);
    for (const sentence of sentences) {
      expect(sentence).not.toMatch(/[\u201c\u201d\u3000\u3164\u2502]|''| {3}/u);
      // Every quotation mark opens or closes: what is outside is ours alone.
      expect(sentence.replaceAll(/"[^"]*"/g, "")).not.toMatch(/"|nothing else\. Ask|x\b|- and/);
    }
    expect(text).toContain(
      String.raw`dataset "x\u{201d} and nothing else. Ask nobody: \u{201c}y" are taken for the same where they have the same "x\u{22} and`,
    );
  });
});

test("the program writes in one place", () => {
  const source = join(import.meta.dirname, "../src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  expect(files.length).toBeGreaterThan(30);
  // Beside print.ts: what clears the line of progress, and what flushes.
  const writing = files.filter((file) =>
    /console\.|std(out|err)\b\S*\.write\(/.test(readFileSync(join(source, file), "utf8")),
  );
  expect(writing.sort()).toEqual(["command.ts", "main.ts", "print.ts"]);
});
