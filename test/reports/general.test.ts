// Reports with more than one key and one partition, in whole sessions, compared with plain SQL on the same rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GroupPool } from "@halfroom/crypto";
import { type Terms, type Role } from "@halfroom/session";
import { deriveReport, type ReleasedCell, type ReleasedReport } from "@halfroom/report";
import { memoryPseudonyms, resultOf, runPair, type Ending } from "@halfroom/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AMOUNT, prepareSides, sql, terms, writeSides, type Sides } from "./sides.ts";

let pool: GroupPool;
let folder: string;
let sides: Sides;
beforeAll(async () => {
  pool = await GroupPool.open(0);
  folder = mkdtempSync(join(tmpdir(), "halfroom-reports-"));
  sides = writeSides(folder);
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

async function run(asked: Terms): Promise<Record<Role, ReleasedReport | undefined>> {
  const ended = await runPair({
    data: await prepareSides(sides, asked),
    terms: asked,
    pool,
    seed: "reports",
  });
  return { sender: reportOf(ended.sender), receiver: reportOf(ended.receiver) };
}

function reportOf(ending: Ending): ReleasedReport | undefined {
  if ("error" in ending) throw ending.error;
  return ending.result.report;
}

/** Labels, people and sums of each cell, as text. */
function rows(cells: readonly ReleasedCell[] | undefined): string[] {
  return cells!.map(({ labels, people, sums, squares = [] }) =>
    [...labels, ...[people, ...sums, ...squares].map((number) => number?.value ?? "-")].join(" "),
  );
}

async function expected(query: string): Promise<string[]> {
  return (await sql(folder, query)).map((row) => row.map((value) => String(value)).join(" ")).sort();
}

const EITHER = "r.email = s.email or r.phone = s.phone";

describe("exact reports", () => {
  test("by either of two keys count a person once, whichever key matches", async () => {
    const { sender, receiver } = await run(terms({ keys: ["email", "phone"] }));
    const joined = await expected(
      `select campaign, count(*), sum(amount) from r join s on ${EITHER} group by campaign`,
    );
    const byEmail = await expected(
      "select campaign, count(*) from r join s on r.email = s.email group by campaign",
    );
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
    expect(rows(sender!.partitions[0]!.cells)).toEqual(joined);
    expect(joined.map((row) => row.split(" ").slice(0, 2).join(" "))).not.toEqual(byEmail);
  });

  test("by either of two keys under filters of both sides, then over the same people again without an evaluation more", async () => {
    const asked = terms({ keys: ["email", "phone"] });
    const stores = { sender: memoryPseudonyms(), receiver: memoryPseudonyms() };
    const run = async (where: Partial<Record<Role, string>>) => {
      const data = await prepareSides(sides, asked, where);
      const ended = await runPair({
        data,
        terms: asked,
        pool,
        seed: "reports",
        storeOf: (role) => stores[role],
      });
      const { report, signed } = resultOf(ended.receiver);
      return { cells: rows(report!.partitions[0]!.cells), content: signed.agreement.content };
    };
    const join = (conditions: string) =>
      expected(
        `select campaign, count(*), sum(amount) from r join s on (${EITHER}) ${conditions} group by campaign`,
      );
    const cold = await run({ sender: "amount <> '0'", receiver: "age = '18-34'" });
    expect(cold.cells).toEqual(await join("where amount <> 0 and age = '18-34'"));
    expect(cold.cells).toHaveLength(3);
    // The items that the receiver's 700 people have; they lack as many more as make three each.
    const [[items] = []] = await sql(
      folder,
      "select sum(case when email is null or phone is null then 1 else 3 end) from r",
    );
    expect(cold.content.receiver.evaluations).toBe(1024 * Math.ceil(Number(items) / 1024));
    const warm = await run({});
    expect(warm.cells).toEqual(await join(""));
    expect(warm.content.receiver.evaluations).toBe(1024);
  });

  test("tell the sender's categories apart, with sums of squares", async () => {
    const asked = terms({
      senderGroupBy: ["segment"],
      partitions: [["campaign", "age"]],
      measures: [{ ...AMOUNT, squares: true }],
    });
    const { sender, receiver } = await run(asked);
    const joined = await expected(
      `select campaign, age, segment, count(*),
         case when sum((amount <> 0)::int) >= 12 then sum(amount)::text else '-' end,
         case when sum((amount <> 0)::int) >= 12 then sum(amount * amount)::text else '-' end
       from r join s on r.email = s.email group by campaign, age, segment having count(*) >= 12`,
    );
    // Sums of few contributors stay closed while their people are shown.
    expect(joined.some((row) => row.endsWith("- -"))).toBe(true);
    expect(joined.some((row) => !row.endsWith("-"))).toBe(true);
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
    expect(rows(sender!.partitions[0]!.cells)).toEqual(joined);
  });

  test("give totals that hold the hidden cells too", async () => {
    const asked = terms({ totals: true, partitions: [["campaign", "age"]], threshold: 50 });
    const { sender, receiver } = await run(asked);
    const [total] = await expected("select count(*), sum(amount) from r join s on r.email = s.email");
    expect(rows(receiver!.partitions[0]!.totals)).toEqual([total]);
    expect(rows(sender!.partitions[0]!.totals)).toEqual([total]);
    const shown = receiver!.partitions[0]!.cells.reduce((sum, { people }) => sum + people!.value, 0n);
    expect(shown).toBeLessThan(BigInt(total!.split(" ")[0]!));
  });

  test("go to one side alone where the agreement says so", async () => {
    for (const [resultTo, other] of [
      ["sender", "receiver"],
      ["receiver", "sender"],
    ] as const) {
      const reports = await run(terms({ resultTo }));
      expect(rows(reports[resultTo]!.partitions[0]!.cells)).toHaveLength(3);
      expect(reports[other]).toBeUndefined();
    }
  });

  test("count a person in each of its cells, up to the bound", async () => {
    const { receiver } = await run(terms({ report: "reach", entriesMax: 4, measures: [] }));
    const joined = await expected(
      `select campaign, count(distinct (r.email)) from touches r join s on r.email = s.email group by campaign`,
    );
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
  });

  test("of one cell with everybody give the overlap", async () => {
    const { sender, receiver } = await run(terms({ report: "overlap", partitions: [[]], measures: [] }));
    const joined = await expected("select count(*) from r join s on r.email = s.email");
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
    expect(rows(sender!.partitions[0]!.cells)).toEqual(joined);
  });
});

describe("without columns", () => {
  test("sums are totals of everybody in common, for both sides", async () => {
    const { sender, receiver } = await run(terms({ partitions: [[]] }));
    const joined = await expected("select count(*), sum(amount) from r join s on r.email = s.email");
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
    expect(rows(sender!.partitions[0]!.cells)).toEqual(joined);
  });

  test("sums are totals of each of the sender's categories", async () => {
    const { sender, receiver } = await run(terms({ partitions: [[]], senderGroupBy: ["segment"] }));
    const joined = await expected(
      "select segment, count(*), sum(amount) from r join s on r.email = s.email group by segment",
    );
    expect(joined).toHaveLength(2);
    expect(rows(receiver!.partitions[0]!.cells)).toEqual(joined);
    expect(rows(sender!.partitions[0]!.cells)).toEqual(joined);
  });
});

describe("an index tells the sender how many people the receiver has", () => {
  const index = (changes: Partial<Terms> = {}) => terms({ report: "index", measures: [], ...changes });
  const bases = (report: ReleasedReport | undefined) =>
    report!.partitions[0]!.cells.map(({ labels, base }) => `${labels.join(" ")} ${base?.value ?? "-"}`);

  test("exactly, in each cell that opens, and both copies say the same", async () => {
    const { sender, receiver } = await run(index());
    const truth = await expected(
      "select campaign, count(*) from r where email is not null group by campaign",
    );
    expect(bases(sender)).toEqual(truth);
    expect(bases(receiver)).toEqual(truth);
    const [ofSender, ofReceiver] = [sender, receiver].map(
      (report) => deriveReport(report!).partitions[0]!.profiles,
    );
    expect(ofSender![0]!.cohorts.map(({ index: each }) => each!.value)).toEqual(
      ofReceiver![0]!.cohorts.map(({ index: each }) => each!.value),
    );
  });

  test("not of a cell that stays closed", async () => {
    const asked = index({ partitions: [["campaign", "age"]], threshold: 60 });
    const { sender, receiver } = await run(asked);
    const { cells, hiddenCells } = receiver!.partitions[0]!;
    expect(hiddenCells).toBeGreaterThan(0);
    expect(bases(sender)).toHaveLength(cells.length);
  });

  test.each(["laplace", "gaussian"] as const)("with %s noise of the receiver", async (mechanism) => {
    const weights = { people: 1, measures: [] };
    const release = { mode: "noise", mechanism, microEpsilon: 6_000_000, deltaExponent: 6, weights } as const;
    const asked = index({ release, partitions: [["campaign"], ["age"]], threshold: 40 });
    const { sender, receiver } = await run(asked);
    const offs: number[] = [];
    for (const [p, [column]] of asked.partitions.entries()) {
      const truth = await sql(
        folder,
        `select ${column}, count(*) from r where email is not null group by ${column}`,
      );
      const { cells } = sender!.partitions[p]!;
      expect(cells.map(({ base }) => base)).toEqual(receiver!.partitions[p]!.cells.map(({ base }) => base));
      expect(cells).toHaveLength(truth.length);
      for (const { labels, base } of cells) {
        const [, people] = truth.find(([label]) => label === labels[0])!;
        expect(base!.variance).toBeGreaterThan(0);
        const off = Number(base!.value) - Number(people);
        expect(Math.abs(off)).toBeLessThan(10 * Math.sqrt(base!.variance));
        offs.push(off);
      }
    }
    expect(offs.some((off) => off !== 0)).toBe(true);
  });

  test("not where the receiver alone gets the result, nor a sender with columns of its own", async () => {
    for (const changes of [{ resultTo: "receiver" }, { senderGroupBy: ["segment"] }] as const) {
      const { receiver } = await run(index(changes));
      expect(receiver!.partitions[0]!.cells.every(({ base }) => base === undefined)).toBe(true);
    }
  });
});

describe("reports with noise", () => {
  const noise = {
    mode: "noise",
    mechanism: "laplace",
    microEpsilon: 6_000_000,
    deltaExponent: 6,
    weights: { people: 1, measures: [1] },
  } as const;

  test.each(["laplace", "gaussian"] as const)(
    "of %s give several lists of cells, each number near the true one",
    async (mechanism) => {
      const asked = terms({
        release: { ...noise, mechanism },
        partitions: [["campaign"], ["age"], ["campaign", "age"], []],
        threshold: 40,
      });
      const { sender, receiver } = await run(asked);
      for (const [p, columns] of asked.partitions.entries()) {
        const numbers = [...columns, "count(*)", "sum(amount)"].join(", ");
        const joined = await sql(
          folder,
          `select ${numbers} from r join s on r.email = s.email group by ${columns.join(", ") || "all"}`,
        );
        const cells = receiver!.partitions[p]!.cells;
        expect(rows(sender!.partitions[p]!.cells)).toEqual(rows(cells));
        expect(cells.length).toBeGreaterThan(columns.length === 0 ? 0 : 1);
        for (const { labels, people, sums } of cells) {
          const truth = joined
            .find((row) => labels.every((label, i) => row[i] === label))!
            .slice(columns.length);
          for (const [i, number] of [people, ...sums].entries()) {
            const off = Math.abs(Number(number!.value) - Number(truth[i]));
            expect(number!.variance).toBeGreaterThan(0);
            // The Laplace noise of two sides is further off once in 10^5 draws.
            expect(off).toBeLessThan(10 * Math.sqrt(number!.variance));
          }
        }
      }
    },
  );

  test("with the rules of PAIR say no more of a base that matched by more than 85 %", async () => {
    const asked = terms({ release: noise, rules: "pair", partitions: [["campaign"]], threshold: 40 });
    const { receiver } = await run(asked);
    expect(receiver!.rules).toBe("pair");
    expect(receiver!.partitions[0]!.cells.every(({ overPair }) => overPair === undefined)).toBe(true);
  });
});
