// Two real processes on small files; what the reports must hold was worked out by hand.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BIN, childrenOf, halfroom, isAlive, start, temporaryFolder, writeCsv } from "./halfroom.ts";
import type { Run } from "./halfroom.ts";

const folder = temporaryFolder();
const REPORT = [
  "--match=email",
  "--measure=amount:-5:500:2",
  "--group-by=campaign",
  "--threshold=11",
  "--exact",
];
const SMALL = ["--people-min=0", "--threads=1"];

/** `count` people named by number, from `first` on. */
function people(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `person${first + i}@example.com`);
}

// 12 people of "spring", 11 of "autumn", 11 of "summer" (who spent nothing) and 10 of "winter" are shared, none of "empty".
// 11 of the sender and 11 in each of the other cells are not.
const sender = writeCsv(folder, "sender.csv", [
  ["email", "amount"],
  ...people(0, 12).map((email) => [email, "0.10"]),
  ...people(100, 11).map((email) => [email, "-9.00"]),
  ...people(200, 10).map((email) => [email, "1.00"]),
  ...people(300, 11).map((email) => [email, "0.00"]),
  ...people(1000, 11).map((email) => [email, "7.00"]),
  ["no address", "1.00"],
]);
const receiver = writeCsv(folder, "receiver.csv", [
  ["email", "campaign"],
  ...people(0, 12).map((email) => [email.toUpperCase(), "spring"]),
  ...people(100, 11).map((email) => [` ${email}`, "autumn"]),
  ...people(200, 10).map((email) => [email, "winter"]),
  ...people(300, 11).map((email) => [email, "summer"]),
  ...["spring", "summer", "autumn", "winter"].flatMap((campaign, i) =>
    people(2000 + 100 * i, 11).map((email) => [email, campaign]),
  ),
  ...people(900, 20).map((email) => [email, "empty"]),
  ...people(0, 3).map((email) => [email, "winter"]),
]);
const FILES = ["--sender", sender, "--receiver", receiver];

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

describe("a rehearsal", () => {
  const out = join(folder, "out");
  let run: Run;
  beforeAll(async () => {
    mkdirSync(out);
    writeFileSync(join(out, "notes.txt"), "mine");
    writeFileSync(join(out, "report.csv"), "an earlier report");
    run = await halfroom(["rehearse", ...FILES, ...REPORT, ...SMALL, "--json", "--out", out]);
  });

  test("prints one JSON object of the documented shape on stdout", () => {
    expect(run.stderr).not.toContain("halfroom:");
    expect(run.exitCode).toBe(0);
    const report = JSON.parse(run.stdout);
    expect(report).toEqual({
      cells: [
        { campaign: "autumn", people: 11, amount: -55 },
        { campaign: "spring", people: 12, amount: 1.2 },
        { campaign: "summer", people: 11, amount: null },
      ],
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
    expect(readFileSync(join(out, "report.csv"), "utf8")).toBe(
      "campaign,people,amount\r\nautumn,11,-55.00\r\nspring,12,1.20\r\nsummer,11,\r\n",
    );
    expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
    expect(readdirSync(out).sort()).toEqual(["notes.txt", "report.csv", "report.json"]);
  });
});

test("without --json there is a table, without colours when stdout is no terminal", async () => {
  const run = await halfroom(["rehearse", ...FILES, ...REPORT, ...SMALL, "--ot-k=8"]);
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toMatch(/autumn.*11.*-55\.00/);
  expect(run.stdout).toMatch(/summer.*11.*under threshold/);
  expect(run.stdout).toContain("2 of 5 cells suppressed");
  expect(run.stdout).not.toContain("winter");
  expect(run.stdout + run.stderr).not.toContain("\u001b");
  expect(run.stderr).toContain("pseudonymise");
});

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
      ["--sender", join(folder, "gone.csv"), "--receiver", receiver],
      [/gone\.csv/],
    ],
    [
      "the receiver's too",
      ["--sender", sender, "--receiver", join(folder, "gone.csv")],
      [/receiver: /, /gone\.csv/],
    ],
    [
      "a row with too few fields",
      ["--sender", twoFields, "--receiver", receiver],
      [/sender: /, /short\.csv/, /3/],
    ],
    [
      "a column that is not there",
      ["--sender", noAmount, "--receiver", receiver],
      [/no-amount\.csv/, /"?amount"?/],
    ],
  ])("%s", async (_, files, patterns) => {
    const run = await halfroom(["rehearse", ...files, ...REPORT, ...SMALL, "--json"]);
    const complaint = run.stderr.slice(run.stderr.indexOf("halfroom: "));
    for (const pattern of patterns) expect(complaint).toMatch(pattern);
    expect(complaint).not.toContain("@example.com");
    expect(complaint.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
  });
});

test("sets under the smallest size are refused with 4", async () => {
  const run = await halfroom(["rehearse", ...FILES, ...REPORT, "--threads=1"]);
  expect(run.stderr).toContain("refused");
  expect(run.stderr).toContain("1000");
  expect(run.exitCode).toBe(4);
});

/** Starts a rehearsal on the large files and resolves once both halves have prepared their data. */
async function startLarge(): Promise<{ run: ReturnType<typeof start>; halves: number[] }> {
  const files = ["--sender", large.sender, "--receiver", large.receiver];
  const run = start(["rehearse", ...files, ...REPORT, ...SMALL]);
  let stderr = "";
  run.child.stderr!.on("data", (data) => (stderr += data));
  while (!(stderr.includes("sender:") && stderr.includes("receiver:"))) {
    if (run.child.exitCode !== null) throw new Error(`ended too early: ${stderr}`);
    await delay(20);
  }
  return { run, halves: childrenOf(run.child.pid!) };
}

describe("processes", () => {
  test.each([0, 1])("killing half %i ends the other one, with 3", async (victim) => {
    const { run, halves } = await startLarge();
    process.kill(halves[victim]!, "SIGKILL");
    const { exitCode, stdout, stderr } = await run.ended;
    expect(exitCode).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toContain("SIGKILL");
    expect(halves.filter(isAlive)).toEqual([]);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "each half is given its own file alone; %s stops both and ends with %i",
    async (signal, code) => {
      const { run, halves } = await startLarge();
      const commands = halves.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      run.child.kill(signal);
      expect((await run.ended).exitCode).toBe(code);
      expect(halves.filter(isAlive)).toEqual([]);
      const [theirs, ours] = [large.sender, large.receiver].map((file) =>
        commands.filter((command) => command.includes(file)),
      );
      expect([theirs!.length, ours!.length]).toEqual([1, 1]);
      expect(theirs).not.toEqual(ours);
    },
  );

  test("a half that would wait for its partner ends with the program that started it", async () => {
    const program = `
      const { spawn } = require("node:child_process");
      const half = spawn(process.execPath, process.argv.slice(1), { stdio: ["ignore", "ignore", "pipe", "ipc"] });
      half.stderr.once("data", () => console.log(half.pid));`;
    const half = [
      BIN,
      "half",
      "--role=receiver",
      "--listen=127.0.0.1:0",
      `--file=${receiver}`,
      ...REPORT,
      ...SMALL,
    ];
    const parent = spawn(process.execPath, ["-e", program, ...half], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(parent.stdout, "data");
    expect(isAlive(Number(pid))).toBe(true);
    parent.kill("SIGKILL");
    while (isAlive(Number(pid))) await delay(20);
  });
});

describe("two halves alone", () => {
  async function meet(
    receiverFlags: string[],
    senderFlags: string[],
  ): Promise<{ sender: Run; receiver: Run }> {
    const listening = start([
      "half",
      "--role=receiver",
      "--listen=127.0.0.1:0",
      `--file=${receiver}`,
      ...receiverFlags,
      ...SMALL,
      "--json",
      "--progress=json",
    ]);
    const address = await new Promise<string>((resolve) =>
      listening.child.stderr!.on("data", (data) => {
        const found = /ws:\/\/127\.0\.0\.1:\d+/.exec(String(data));
        if (found !== null) resolve(found[0]);
      }),
    );
    const dial = ["half", "--role=sender", `--connect=${address}`, `--file=${sender}`];
    const [dialled, accepted] = await Promise.all([
      halfroom([...dial, ...senderFlags, ...SMALL, "--json", "--progress=none"]),
      listening.ended,
    ]);
    return { sender: dialled, receiver: accepted };
  }

  test("print the same cells; only the receiver knows what was suppressed; events are JSON lines", async () => {
    const runs = await meet(REPORT, REPORT);
    expect([runs.sender.exitCode, runs.receiver.exitCode]).toEqual([0, 0]);
    const [theirs, ours] = [JSON.parse(runs.sender.stdout), JSON.parse(runs.receiver.stdout)];
    expect(theirs.cells).toEqual(ours.cells);
    expect([theirs.suppressed, theirs.cellsTotal]).toEqual([null, null]);
    expect([ours.suppressed, ours.cellsTotal]).toEqual([2, 5]);
    expect(theirs).toMatchObject({ role: "sender", people: 55, partnerPeople: 108 });
    expect(runs.sender.stderr).toBe("");
    const events = runs.receiver.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events).toContainEqual({ type: "prepared", rows: 111, people: 108 });
    expect(events).toContainEqual({ type: "stage", name: "release", state: "done" });
  });

  test("an address that is taken is bad input", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const run = await halfroom([
      "half",
      "--role=receiver",
      `--listen=127.0.0.1:${port}`,
      `--file=${receiver}`,
      ...REPORT,
    ]);
    taken.close();
    expect(run.stderr).toContain(
      `--listen 127.0.0.1:${port}: the address is in use (EADDRINUSE); choose another`,
    );
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
  });

  test("that ask for different reports both end with 3", async () => {
    const runs = await meet(
      REPORT,
      REPORT.map((flag) => flag.replace("=11", "=12")),
    );
    expect([runs.sender.exitCode, runs.receiver.exitCode]).toEqual([3, 3]);
    expect(runs.sender.stderr).toContain("agreement");
    expect(runs.receiver.stderr).toContain("agreement");
    expect(runs.sender.stdout + runs.receiver.stdout).toBe("");
  });
});

describe("demo and bench", () => {
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

  test("the benchmark prints its numbers as one JSON object", async () => {
    const out = temporaryFolder();
    const run = await halfroom([
      "bench",
      "--rows=1500",
      "--sender-rows=1200",
      "--json",
      "--threads=1",
      `--out=${out}`,
    ]);
    expect(run.exitCode).toBe(0);
    const bench = JSON.parse(run.stdout);
    const sizes = { senderPeople: 1200, receiverPeople: 1500 };
    expect(bench.runs).toMatchObject([
      { ...sizes, warm: false },
      { ...sizes, warm: true },
    ]);
    const stages = bench.runs[1].stages.map(({ name }: { name: string }) => name);
    expect(stages).toEqual(["prepare", "pseudonymise", "match", "aggregate", "release"]);
    expect(JSON.parse(readFileSync(join(out, "bench.json"), "utf8"))).toEqual(bench);
  });
});
