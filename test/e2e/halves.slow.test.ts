// Two halves, each started alone: exit codes, the partner's sudden death, and that neither needs the other's file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GroupPool } from "@halfroom/crypto";
import { exactSums, type Role } from "@halfroom/node";
import { parseReportTable } from "@halfroom/report";
import { preparePair, resultOf, runRole, type PreparedPair } from "@halfroom/testkit";
import { connect, listen } from "@halfroom/transport";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { halfroom } from "../../packages/cli/test/halfroom.ts";
import { REPORT, startBoth, startHalf } from "./half.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-halves-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TERMS = exactSums({
  measures: [{ name: "amount", low: -500n, high: 50_000n, decimals: 2 }],
  groupBy: ["cell"],
  threshold: 11,
  otK: 4,
});
const COLUMNS = { groupBy: ["cell"], measures: TERMS.measures, threshold: TERMS.threshold };
const ROLES = ["sender", "receiver"] as const;
const other = (role: Role): Role => (role === "sender" ? "receiver" : "sender");

/** So many people on both sides, every third of them in cell "c", and 11 in it or at the sender's whom the other lacks. */
function writeFiles(name: string, people: number): Record<Role, string> {
  const files = { sender: join(folder, `${name}-s.csv`), receiver: join(folder, `${name}-r.csv`) };
  const numbers = Array.from({ length: people }, (_, i) => i);
  const strangers = (name: string) => Array.from({ length: 11 }, (_, i) => `${name}${i}@example.com`);
  const sender = [
    ...numbers.map((i) => `p${i}@example.com,${i}.5`),
    ...strangers("buyer").map((email) => `${email},1`),
  ];
  const receiver = [
    ...numbers.map((i) => `p${i}@example.com,${i % 3 === 0 ? "c" : `d${i % 20}`}`),
    ...strangers("viewer").map((email) => `${email},c`),
  ];
  writeFileSync(files.sender, ["email,amount", ...sender].join("\n"));
  writeFileSync(files.receiver, ["email,cell", ...receiver].join("\n"));
  return files;
}

const small = writeFiles("small", 60);
const EXPECTED = [{ labels: ["c"], people: 20n, sums: [58_000n] }];

/** Flags of both halves on the small files, and what one of them has beyond or instead. */
function flagsWith(role: Role, more: readonly string[], people = "0"): Record<Role, string[]> {
  const flags = (of: Role) => [
    `--file=${small[of]}`,
    ...REPORT,
    "--threshold=11",
    `--people-min=${of === role ? people : "0"}`,
    ...(of === role ? more : []),
  ];
  return { sender: flags("sender"), receiver: flags("receiver") };
}

async function exitCodes(flags: Record<Role, readonly string[]>) {
  const halves = await startBoth(flags);
  const [sender, receiver] = await Promise.all([halves.sender.ended, halves.receiver.ended]);
  return { sender, receiver, codes: [sender.exitCode, receiver.exitCode] };
}

describe("exit codes of both halves", () => {
  test("0 when the report is there, the same on both sides", async () => {
    const { sender, receiver, codes } = await exitCodes(flagsWith("sender", []));
    expect(codes).toEqual([0, 0]);
    for (const { stdout } of [sender, receiver])
      expect(parseReportTable(stdout, COLUMNS).cells).toEqual(EXPECTED);
    expect(JSON.parse(receiver.stdout).suppressed).toBe(20);
  });

  test.each(ROLES)("2 for the %s alone, if its own file is not there", async (role) => {
    const peer = role === "sender" ? "--connect=ws://127.0.0.1:9" : "--listen=127.0.0.1:0";
    const flags = [`--role=${role}`, peer, `--file=${join(folder, "gone.csv")}`, ...REPORT];
    const run = await halfroom(["half", ...flags]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("gone.csv");
    expect(run.stdout).toBe("");
  });

  test.each(ROLES)("3 if the %s asks for another report", async (role) => {
    const { sender, receiver, codes } = await exitCodes(flagsWith(role, ["--ot-k=8"]));
    expect(codes).toEqual([3, 3]);
    for (const run of [sender, receiver]) {
      expect(run.stderr).toContain("agreement during agree");
      expect(run.stdout).toBe("");
    }
  });

  test.each(ROLES)("4 if the %s refuses sets so small", async (role) => {
    const runs = await exitCodes(flagsWith(role, [], "1000"));
    expect(runs.codes).toEqual([4, 4]);
    expect(runs[role].stderr).toContain("fewer than 1000 people");
    expect(runs[other(role)].stderr).toContain("refused");
    expect(runs.sender.stdout + runs.receiver.stdout).toBe("");
  });
});

describe("one half killed", () => {
  const large = writeFiles("large", 12_000);
  const flags = (role: Role) => [`--file=${large[role]}`, ...REPORT, "--threshold=11"];

  test.each([
    ["sender", "pseudonymise"],
    ["receiver", "pseudonymise"],
    ["sender", "match"],
    ["receiver", "match"],
  ] as const)("the %s during %s: the other one ends with 3, and says why", async (victim, stage) => {
    const halves = await startBoth({ sender: flags("sender"), receiver: flags("receiver") });
    await halves[victim].event("stage", ({ name, state }) => name === stage && state === "started");
    process.kill(halves[victim].pid, "SIGKILL");
    const survivor = await halves[other(victim)].ended;
    await halves[victim].ended;
    expect(survivor.exitCode).toBe(3);
    expect(survivor.stderr).toMatch(/closed during (pseudonymise|match)/);
    expect(survivor.stdout).toBe("");
  });
});

// The partner runs in this process on rows that it has read before; when the half's process starts, the partner's file is no
// more, so that nothing can open it.
describe("a half works while the other one's file does not exist", () => {
  let pool: GroupPool;
  beforeAll(async () => {
    pool = await GroupPool.open(0);
  });
  afterAll(() => pool.close());

  async function readAndRemove(role: Role): Promise<{ data: PreparedPair; own: string }> {
    const files = writeFiles(`alone-${role}`, 60);
    const data = await preparePair(files, TERMS);
    rmSync(files[other(role)]);
    return { data, own: files[role] };
  }

  test("the sender", async () => {
    const { data, own } = await readAndRemove("sender");
    const limits = { idleMs: 60_000, waitMs: 60_000 };
    const listener = await listen({ host: "127.0.0.1", port: 0, ...limits });
    const flags = [
      `--connect=${listener.address}`,
      `--file=${own}`,
      ...REPORT,
      "--threshold=11",
      "--people-min=0",
    ];
    const half = startHalf("sender", flags);
    const frames = await listener.accept();
    await listener.close();
    const partner = await runRole({ data, terms: TERMS, pool, seed: "partner" }, "receiver", frames);
    const run = await half.ended;
    expect(resultOf(partner).table.cells).toEqual(EXPECTED);
    expect(run.exitCode).toBe(0);
    expect(parseReportTable(run.stdout, COLUMNS).cells).toEqual(EXPECTED);
  });

  test("the receiver", async () => {
    const { data, own } = await readAndRemove("receiver");
    const flags = ["--listen=127.0.0.1:0", `--file=${own}`, ...REPORT, "--threshold=11", "--people-min=0"];
    const half = startHalf("receiver", flags);
    const { address } = await half.event("listening");
    const frames = await connect(address, { idleMs: 60_000, waitMs: 60_000 });
    const partner = await runRole({ data, terms: TERMS, pool, seed: "partner" }, "sender", frames);
    const run = await half.ended;
    expect(resultOf(partner).table.cells).toEqual(EXPECTED);
    expect(run.exitCode).toBe(0);
    expect(parseReportTable(run.stdout, COLUMNS).cells).toEqual(EXPECTED);
  });

  test("and is told its own file alone", async () => {
    const halves = await startBoth(flagsWith("sender", []));
    await Promise.all([halves.sender.event("prepared"), halves.receiver.event("prepared")]);
    for (const role of ROLES) {
      const told = readFileSync(`/proc/${halves[role].pid}/cmdline`, "utf8");
      expect(told).toContain(small[role]);
      expect(told).not.toContain(small[other(role)]);
    }
    await Promise.all([halves.sender.ended, halves.receiver.ended]);
  });
});
