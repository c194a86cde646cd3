// Rehearsals that are interfered with, and the commands that take longer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, childrenOf, halfroom, isAlive, start, temporaryFolder, writeCsv } from "./halfroom.ts";
import { REPORT, SMALL, people } from "./people.ts";

const folder = temporaryFolder();
const scratch = join(folder, "tmp");
mkdirSync(scratch);

/** Enough people to be still at work when a test interferes. */
const large = {
  sender: writeCsv(folder, "large-sender.csv", [
    ["email", "amount"],
    ...people(0, 20_000).map((email) => [email, 1]),
  ]),
  receiver: writeCsv(folder, "large-receiver.csv", [
    ["email", "campaign"],
    ...people(0, 20_000).map((email) => [email, "c"]),
  ]),
};

const FILES = ["--sender", large.sender, "--receiver", large.receiver];

/** The sides' folders that exist; beside each rehearsal's lies the mark of who is at work in it. */
const homes = () =>
  readdirSync(scratch, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(scratch, name)).map((home) => join(scratch, name, home)));

/** Starts a rehearsal on the large files and resolves once both sides have prepared their data. */
async function startLarge(): Promise<{ run: ReturnType<typeof start>; sides: number[] }> {
  const run = start(["rehearse", ...FILES, ...REPORT, ...SMALL], { HALFROOM_SCRATCH: scratch });
  let stderr = "";
  run.child.stderr!.on("data", (data) => (stderr += data));
  while (!(/^sender: [\d,]+ rows/m.test(stderr) && /^receiver: [\d,]+ rows/m.test(stderr))) {
    if (run.child.exitCode !== null) throw new Error(`ended too early: ${stderr}`);
    await delay(20);
  }
  return { run, sides: childrenOf(run.child.pid!) };
}

describe("processes", () => {
  test.each([0, 1])("killing side %i ends the other one, with 3, and leaves nothing", async (victim) => {
    const { run, sides } = await startLarge();
    expect(sides).toHaveLength(2);
    process.kill(sides[victim]!, "SIGKILL");
    const { exitCode, stdout, stderr } = await run.ended;
    expect(exitCode).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toContain("SIGKILL");
    expect(sides.filter(isAlive)).toEqual([]);
    expect(homes()).toEqual([]);
  });

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "each side has its own data's path alone; %s stops both, ends with %i and leaves nothing",
    async (signal, code) => {
      const { run, sides } = await startLarge();
      const settings = homes().map((home) => readFileSync(join(home, "config.yaml"), "utf8"));
      const told = sides.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      run.child.kill(signal);
      expect((await run.ended).exitCode).toBe(code);
      expect(sides.filter(isAlive)).toEqual([]);
      expect(homes()).toEqual([]);
      const files = [large.sender, large.receiver];
      const named = settings.map((text) => files.filter((file) => text.includes(file)));
      expect(named.map(({ length }) => length)).toEqual([1, 1]);
      expect(named.flat().sort()).toEqual(files.toSorted());
      for (const file of files) expect(told.join()).not.toContain(file);
    },
  );

  test("both sides end with the program that started them, however it ends, and take their folders along", async () => {
    const { run, sides } = await startLarge();
    run.child.kill("SIGKILL");
    while (sides.some(isAlive)) await delay(20);
    expect(homes()).toEqual([]);
  });

  test("both sides end with it also while they read their data", async () => {
    // Some of its addresses are for rules that run in the program's own thread, for which a query waits.
    const rows = ["--sender-rows=100000", "--receiver-rows=100000", "--out", join(folder, "demo")];
    const run = start(["demo", "--progress=json", ...rows], { HALFROOM_SCRATCH: scratch });
    const reading = /"stage","name":"prepare","state":"started"/g;
    let stderr = "";
    run.child.stderr!.on("data", (data) => (stderr += data));
    while ((stderr.match(reading) ?? []).length < 2) await delay(10);
    await delay(100);
    const sides = childrenOf(run.child.pid!);
    expect(sides).toHaveLength(2);
    expect(stderr).not.toContain('"prepared"');
    run.child.kill("SIGKILL");
    while (sides.some(isAlive)) await delay(20);
    expect(homes()).toEqual([]);
  });

  test("a side that waits for its partner ends with the program that started it", async () => {
    const program = `
      const { spawn } = require("node:child_process");
      const side = spawn(process.execPath, process.argv.slice(1), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      console.log(side.pid);`;
    const parent = spawn(process.execPath, ["-e", program, BIN, "rehearsal-side"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(parent.stdout, "data");
    expect(isAlive(Number(pid))).toBe(true);
    parent.kill("SIGKILL");
    while (isAlive(Number(pid))) await delay(20);
  });
});

const TIMES = [
  "--ours-time=sold_at",
  "--ours-type=sold_at=timestamp",
  "--theirs-time=seen_at",
  "--theirs-type=seen_at=timestamp",
];

describe("requests of other kinds", () => {
  const buys = writeCsv(folder, "buys.csv", [
    ["email", "revenue", "sold_at"],
    ...people(0, 600).map((email, i) => [email, i % 50, `2026-03-${10 + (i % 10)} 12:00:00`]),
  ]);
  const seen = writeCsv(folder, "seen.csv", [
    ["email", "campaign", "arm", "frequency", "seen_at"],
    ...people(200, 700).map((email, i) => [
      email,
      `c${i % 2}`,
      i % 3 === 0 ? "c" : "t",
      1 + (i % 2),
      "2026-03-01 08:00:00",
    ]),
  ]);
  const measures = "measures: { revenue: { low: 0, high: 50 } }";

  test.each([
    ["overlap", "", "", "", 400],
    ["reach", "", "group_by: [campaign, frequency]", "entries: 2", 400],
    ["attribution", measures, "group_by: [campaign]", "window_days: 30", 400],
    ["lift", measures, "group_by: [arm]", "arms: { column: arm, test: t, control: c }", 400],
  ])("%s", async (kind, ours, theirs, more, expected) => {
    const request = join(folder, `${kind}.yaml`);
    const side = (dataset: string, rest: string) =>
      `{ dataset: ${dataset}${rest === "" ? "" : `, ${rest}`} }`;
    writeFileSync(
      request,
      [
        `report: ${kind}`,
        "partner: publisher",
        "match: [email]",
        `ours: ${side("buys", ours)}`,
        `theirs: ${side("seen", theirs)}`,
        "threshold: 50",
        "epsilon: 50",
        more,
      ].join("\n"),
    );
    const run = await halfroom([
      "rehearse",
      request,
      `--ours=${buys}`,
      `--theirs=${seen}`,
      ...SMALL,
      "--json",
      ...(["attribution", "lift"].includes(kind) ? TIMES : []),
    ]);
    expect(run.stderr).not.toContain("halfroom:");
    expect(run.exitCode).toBe(0);
    const { reports } = JSON.parse(run.stdout);
    for (const report of [reports.ours, reports.theirs]) {
      expect(report.kind).toBe(kind);
      const [{ cells }] = report.partitions;
      const counted = cells.reduce((sum: number, cell: Cell) => sum + cell.people.value, 0);
      // The noise of a cell has a standard deviation of less than one person.
      expect(Math.abs(counted - expected)).toBeLessThan(8);
    }
  });
});

interface Cell {
  readonly people: { readonly value: number };
}

describe("demo", () => {
  test("the demo checks its report against the plain join and shows stages and files", async () => {
    const out = join(folder, "demo");
    const sizes = ["--sender-rows=2000", "--receiver-rows=3000", "--threshold=11", "--threads=1"];
    const run = await halfroom(["demo", ...sizes, "--out", out]);
    expect(run.stderr).not.toContain("halfroom:");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("the report equals a plain join");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8")).cells.length).toBeGreaterThan(10);
    expect(run.stdout).toContain("bytes from sender");
    expect(readdirSync(out).sort()).toEqual([
      "demo-conversions.csv",
      "demo-exposures.csv",
      "report.csv",
      "report.json",
    ]);
  });
});
