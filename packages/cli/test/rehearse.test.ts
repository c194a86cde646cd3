// Rehearsals of two real nodes on small files; what the reports must hold was worked out by hand.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { halfroom, temporaryFolder, writeCsv } from "./halfroom.ts";
import type { Run } from "./halfroom.ts";
import { REPORT, SMALL, writePair } from "./people.ts";

const folder = temporaryFolder();
const scratch = join(folder, "tmp");
mkdirSync(scratch);
const { sender, receiver } = writePair(folder);
const FILES = ["--sender", sender, "--receiver", receiver];
const CELLS = [
  { campaign: "autumn", people: 11, amount: -55 },
  { campaign: "spring", people: 12, amount: 1.2 },
  { campaign: "summer", people: 11, amount: null },
];

const rehearse = (...args: string[]) => halfroom(["rehearse", ...args], { HALFROOM_SCRATCH: scratch });

function write(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

afterAll(() => {
  // All runs of this file are over: no side has left anything.
  expect(readdirSync(scratch)).toEqual([]);
});

describe("the short form", () => {
  const out = join(folder, "out");
  let run: Run;
  beforeAll(async () => {
    mkdirSync(out);
    writeFileSync(join(out, "notes.txt"), "mine");
    writeFileSync(join(out, "report.csv"), "an earlier report");
    run = await rehearse(...FILES, ...REPORT, ...SMALL, "--json", "--out", out);
  });

  test("prints one JSON object of the documented shape on stdout", () => {
    expect(run.stderr).not.toContain("halfroom:");
    expect(run.exitCode).toBe(0);
    const report = JSON.parse(run.stdout);
    expect(report).toEqual({
      cells: CELLS,
      suppressed: 2,
      cellsTotal: 5,
      sizes: { senderRows: 56, senderPeople: 55, receiverRows: 111, receiverPeople: 108 },
      dropped: { sender: { "email: invalid": 1 }, receiver: {} },
      stages: expect.any(Array),
      seconds: expect.any(Number),
      peakMemoryBytes: { sender: expect.any(Number), receiver: expect.any(Number) },
    });
    const names = report.stages.map(({ name }: { name: string }) => name);
    for (const name of ["pseudonymise", "match", "aggregate", "release"]) expect(names).toContain(name);
    for (const stage of report.stages) {
      expect(stage).toEqual({
        name: expect.any(String),
        seconds: expect.any(Number),
        cpuSeconds: expect.any(Number),
        senderBytes: expect.any(Number),
        receiverBytes: expect.any(Number),
      });
    }
  });

  test("writes sums with all their decimals", () => {
    expect(run.stdout).toContain('{ "campaign": "autumn", "people": 11, "amount": -55.00 }');
  });

  test("writes the same JSON and a CSV to --out, over its own files alone", () => {
    expect(readFileSync(join(out, "report.json"), "utf8")).toBe(run.stdout);
    const [head, ...lines] = readFileSync(join(out, "report.csv"), "utf8").trimEnd().split("\r\n");
    expect(head).toBe(
      "session,made,partition,row,campaign,status,base,base of,people,match rate,amount status,amount,amount mean,own rows,own people,own rows dropped,dropped because,own people clipped",
    );
    // After the session and its time; before what became of our own rows.
    expect(lines.map((line) => line.split(",").slice(2, 13).join())).toEqual([
      "1,cell,autumn,opened,22,cohort,11,50,opened,-55.00,-5",
      "1,cell,empty,closed,20,cohort,,,closed,,",
      "1,cell,spring,opened,23,cohort,12,52,opened,1.20,0.1",
      "1,cell,summer,opened,22,cohort,11,50,closed,,",
      "1,cell,winter,closed,21,cohort,,,closed,,",
    ]);
    expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
    expect(readdirSync(out).sort()).toEqual(["notes.txt", "report.csv", "report.json"]);
  });
});

test("without --json there is a table, without colours when stdout is no terminal", async () => {
  const run = await rehearse(...FILES, ...REPORT, ...SMALL, "--ot-k=8");
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/autumn.*11.*-55\.00/);
  expect(run.stdout).toMatch(/summer.*11.*under threshold/);
  expect(run.stdout).toMatch(/winter.*under threshold.*under threshold/);
  expect(run.stdout).toContain("2 of 5 cells stayed closed");
  expect(run.stdout + run.stderr).not.toContain("\u001b");
  expect(run.stderr).toContain("pseudonymise");
  expect(run.stderr).toContain("sender: joined receiver");
  expect(run.stderr).toContain("sender: 1 rows dropped (email: invalid 1)");
});

test("without --exact there is noise, and both sides' documents beside the cells", async () => {
  const noisy = REPORT.filter((flag) => flag !== "--exact");
  const run = await rehearse(...FILES, ...noisy, ...SMALL, "--epsilon=100", "--json", "--progress=none");
  expect(run.exitCode).toBe(0);
  const { cells, reports } = JSON.parse(run.stdout);
  const [spring] = cells.filter(({ campaign }: { campaign: string }) => campaign === "spring");
  // The noise has a standard deviation of a tenth of a person.
  expect(Math.abs(spring.people - 12)).toBeLessThan(3);
  expect([reports.ours.role, reports.theirs.role]).toEqual(["sender", "receiver"]);
  expect(reports.theirs.noise.microEpsilon).toBe(100_000_000);
});

// Half of the people are known by their address, a third by their phone, the rest by both; 400 of them are shared.
const emailOf = (i: number) => (i % 3 === 1 ? "" : `p${i}@example.com`);
const phoneOf = (i: number) => (i % 2 === 1 ? "" : `+49151${String(i).padStart(8, "0")}`);
const isFound = (i: number) => emailOf(i) !== "" || phoneOf(i) !== "";

describe("a request file", () => {
  const purchases = write(
    "purchases.ndjson",
    range(0, 700).map((i) => JSON.stringify({ mail: emailOf(i), phone: phoneOf(i), revenue: i % 20 })),
  );
  const exposures = write("exposures.csv", [
    "email,phone,campaign,age",
    ...range(300, 1100).map((i) => `${emailOf(i)},${phoneOf(i)},c${i % 2},${i % 60}`),
  ]);
  const data = [
    `--ours=${purchases}`,
    "--ours-match=email=mail",
    `--theirs=${exposures}`,
    "--theirs-dimension=age_band=age:bands=30",
  ];

  test("with noise, two keys and two partitions, on NDJSON and CSV", async () => {
    const request = write("noisy.yaml", [
      "partner: publisher",
      "match: [email, phone]",
      "ours: { dataset: purchases, measures: { revenue: { low: 0, high: 20 } } }",
      "theirs: { dataset: exposures, group_by: [[campaign], [age_band]] }",
      "threshold: 40",
      "epsilon: 50",
    ]);
    const run = await rehearse(request, ...data, ...SMALL, "--json", "--progress=none");
    expect(run.stderr).toMatch(/^ours: \d+ rows dropped \(.*\)\ntheirs: \d+ rows dropped \(.*\)\n$/);
    expect(run.exitCode).toBe(0);
    const { roles, reports, sizes, dropped } = JSON.parse(run.stdout);
    expect(roles).toEqual({ ours: "sender", theirs: "receiver" });
    const [nameless, unseen] = [range(0, 700), range(300, 1100)].map((all) => all.filter((i) => !isFound(i)));
    expect(sizes).toEqual({
      senderRows: 700,
      senderPeople: 700 - nameless!.length,
      receiverRows: 800,
      receiverPeople: 800 - unseen!.length,
    });
    expect(total(dropped.sender)).toBe(nameless!.length);
    expect(total(dropped.receiver)).toBe(unseen!.length);
    const shared = range(300, 700).filter(isFound);
    const expected = {
      c0: shared.filter((i) => i % 2 === 0),
      c1: shared.filter((i) => i % 2 === 1),
      "under 30": shared.filter((i) => i % 60 < 30),
      "30+": shared.filter((i) => i % 60 >= 30),
    };
    for (const report of [reports.ours, reports.theirs]) {
      expect(report.noise).toMatchObject({ mechanism: "laplace", microEpsilon: 50_000_000 });
      const cells: Cell[] = report.partitions.flatMap((each: { cells: Cell[] }) => each.cells);
      expect(cells.map(({ labels }) => labels.join()).sort()).toEqual(Object.keys(expected).sort());
      for (const { labels, people, sums } of cells) {
        const members = expected[labels.join() as keyof typeof expected];
        // At least 40 standard deviations: this never fails by chance.
        expect(Math.abs(people.value - members.length)).toBeLessThan(15);
        const revenue = members.reduce((sum, i) => sum + (i % 20), 0);
        expect(Math.abs(sums[0]!.value - revenue)).toBeLessThan(300);
      }
    }
  });

  test("whose result goes to the other side alone", async () => {
    const request = write("theirs.yaml", [
      "partner: publisher",
      "match: [email]",
      "ours: { dataset: purchases }",
      "theirs: { dataset: exposures, group_by: [campaign] }",
      "threshold: 11",
      "exact: true",
      "result: them",
    ]);
    const out = join(folder, "theirs");
    const run = await rehearse(request, ...data, ...SMALL, "--out", out);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("Only --theirs receives this report; --ours receives no numbers.");
    const { reports } = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
    expect(reports.ours).toBeNull();
    const shared = range(300, 700).filter((i) => emailOf(i) !== "");
    expect(
      reports.theirs.partitions[0].cells.map(({ labels, people }: Cell) => [...labels, people.value]),
    ).toEqual([0, 1].map((campaign) => [`c${campaign}`, shared.filter((i) => i % 2 === campaign).length]));
    expect(readFileSync(join(out, "report.csv"), "utf8")).toMatch(/^session,made,partition,row,campaign,/);
  });

  test("on datasets that a node's folder declares", async () => {
    const home = join(folder, "node");
    const own = { HALFROOM_HOME: home };
    await halfroom(["init"], own);
    const add = (name: string, file: string, ...rest: string[]) =>
      halfroom(["dataset", "add", name, "--file", file, "--match=email=email", ...rest], own);
    await add("crm", sender, "--measure=amount");
    await add("exposures", receiver, "--dimension=campaign");
    const request = write("named.yaml", [
      "partner: publisher",
      "ours: { dataset: purchases, measures: { amount: { low: -5, high: 500, decimals: 2 } } }",
      "theirs: { dataset: exposures, group_by: [campaign] }",
      "threshold: 11",
      "exact: true",
    ]);
    const run = await rehearse(request, "--ours=crm", `--home=${home}`, ...SMALL, "--json");
    expect(run.exitCode).toBe(0);
    const [{ cells }] = JSON.parse(run.stdout).reports.ours.partitions;
    expect(
      cells.map(({ labels: [campaign], people, sums }: Cell) => {
        return { campaign, people: people.value, amount: sums[0]?.value ?? null };
      }),
    ).toEqual(CELLS);

    const gone = writeCsv(folder, "opted-out.csv", [["email"], ["Person0@example.com"]]);
    await halfroom(["suppress", "add", gone], own);
    const peopleOf = async (...data: string[]) => {
      const { stdout } = await rehearse(request, ...data, `--home=${home}`, ...SMALL, "--json");
      return JSON.parse(stdout).reports.ours.partitions[0].cells.map(({ people }: Cell) => people.value);
    };
    const counts = CELLS.map((cell) => cell.people);
    const withoutOne = CELLS.map((cell) => cell.people - (cell.campaign === "spring" ? 1 : 0));
    expect(await peopleOf("--ours=crm"), "on either side's list").toEqual(withoutOne);
    expect(await peopleOf("--ours=crm", "--theirs", receiver), "on one side's list").toEqual(withoutOne);
    const files = ["--ours", sender, "--ours-match=email=email", "--theirs", receiver];
    expect(await peopleOf(...files), "files have no list").toEqual(counts);
  });

  test.each([
    [
      "partner: p\nours: { dataset: a }\ntheirs: { dataset: b, group_by: [c] }",
      ["--ours-match"],
      "names no key",
    ],
    [
      "report: lift\npartner: p\nmatch: [email]\nours: { dataset: a }\ntheirs: { dataset: b, group_by: [g] }\narms: { column: g, test: t, control: c }",
      ["--ours-time COLUMN"],
      "times",
    ],
    [
      "partner: p\nmatch: [card]\nours: { dataset: a }\ntheirs: { dataset: b, group_by: [c] }",
      ["--ours-match card:custom=COLUMN", "--theirs-match"],
      '"card"',
    ],
    [
      "partner: p\nmatch: [email]\nours: { dataset: a }\ntheirs: { dataset: b, group_by: [c] }\nthreshold: 5",
      ["11 or more"],
      "threshold",
    ],
  ])("that lacks something: %j", async (text, remedies, fault) => {
    const request = write("lacking.yaml", text.split("\n"));
    const run = await rehearse(request, "--ours", sender, "--theirs", receiver);
    expect(run.exitCode).toBe(2);
    for (const words of [fault, ...remedies]) expect(run.stderr).toContain(words);
    expect(run.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });
});

interface Cell {
  readonly labels: readonly string[];
  readonly people: { readonly value: number };
  readonly sums: readonly ({ readonly value: number } | null)[];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe("bad input ends with 2 and names file, row or field, and a remedy", () => {
  const twoFields = writeCsv(folder, "short.csv", [
    ["email", "amount"],
    ["person1@example.com", "1"],
    ["person2@example.com"],
  ]);
  const noAmount = writeCsv(folder, "no-amount.csv", [
    ["email", "value"],
    ["person1@example.com", "1"],
  ]);
  test.each([
    [
      "a file that is not there",
      "flags",
      ["--sender", join(folder, "gone.csv"), "--receiver", receiver],
      [/gone\.csv/],
    ],
    [
      "the receiver's too",
      "flags",
      ["--sender", sender, "--receiver", join(folder, "gone.csv")],
      [/--receiver /, /gone\.csv/],
    ],
    [
      "a row with too few fields",
      "data-fields",
      ["--sender", twoFields, "--receiver", receiver],
      [/sender: /, /short\.csv/, /3/],
    ],
    [
      "a column that is not there",
      "data-missing",
      ["--sender", noAmount, "--receiver", receiver],
      [/no-amount\.csv/, /"?amount"?/],
    ],
  ])("%s", async (_, code, files, patterns) => {
    const run = await rehearse(...files, ...REPORT, ...SMALL, "--json");
    const { error } = JSON.parse(run.stderr.trimEnd().split("\n").at(-1)!);
    expect(error.code).toBe(code);
    for (const pattern of patterns) expect(error.words).toMatch(pattern);
    expect(run.stderr).not.toContain("@example.com");
    expect(error.words.split("\n").length).toBeLessThanOrEqual(2);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
  });
});

test("sets under the smallest size are refused with 4", async () => {
  const run = await rehearse(...FILES, ...REPORT, "--threads=1");
  expect(run.stderr).toContain("refused");
  expect(run.stderr).toContain("1000");
  expect(run.exitCode).toBe(4);
});

test("noise that is too large for the threshold is refused with 4, and says what would do", async () => {
  const noisy = REPORT.filter((flag) => flag !== "--exact");
  const run = await rehearse(...FILES, ...noisy, ...SMALL, "--epsilon=0.1");
  expect(run.stderr).toMatch(/sender: refused by this node's own policy:\n- .*(epsilon|threshold)/);
  expect(run.exitCode).toBe(4);
});
