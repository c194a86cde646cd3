import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { halfroom, halfroomHere, temporaryFolder } from "./halfroom.ts";

const REPORT = ["--match", "email", "--group-by", "campaign", "--exact"];
const FILES = ["--sender", "conversions.csv", "--receiver", "exposures.csv"];

describe("bad flags end with 2, a refusal with 4, in two lines on stderr and none on stdout", () => {
  test.each([
    ["no command", [], 2, "halfroom --help"],
    ["an unknown command", ["reherse"], 2, "reherse"],
    ["an unknown flag", ["rehearse", ...FILES, ...REPORT, "--treshold", "50"], 2, "treshold"],
    ["a stray word", ["rehearse", ...FILES, ...REPORT, "more"], 2, "more"],
    ["a missing flag", ["rehearse", "--sender", "a.csv", ...REPORT], 2, "receiver"],
    ["a flag without its value", ["rehearse", ...FILES, ...REPORT, "--threshold"], 2, "threshold"],
    [
      "a flag given twice",
      ["rehearse", ...FILES, ...REPORT, "--threshold=50", "--threshold=60"],
      2,
      "--threshold",
    ],
    ["nothing to rehearse", ["rehearse"], 2, "--sender is missing"],
    ["a request and flags of the short form", ["rehearse", "roi.yaml", "--exact"], 2, "--exact belongs"],
    [
      "the short form and the data of a request",
      ["rehearse", ...FILES, ...REPORT, "--ours=a.csv"],
      2,
      "--ours",
    ],
    ["a request that is not there", ["rehearse", "gone.yaml"], 2, "gone.yaml"],
    ["noise and no noise", ["rehearse", ...FILES, ...REPORT, "--epsilon=1"], 2, "--epsilon"],
    ["a key of no type", ["rehearse", ...FILES, "--match=shoe", "--group-by=a", "--exact"], 2, "shoe"],
    ["--no-exact", ["rehearse", ...FILES, ...REPORT, "--no-exact"], 2, "no-exact"],
    [
      "a bad measure",
      ["rehearse", ...FILES, ...REPORT, "--measure=amount:5:1:0"],
      2,
      "--measure amount:5:1:0",
    ],
    ["a threshold under 11", ["rehearse", ...FILES, ...REPORT, "--threshold=10"], 4, "fewer than 11 people"],
    ["a number of rows that is not a number", ["demo", "--sender-rows=many"], 2, "--sender-rows many"],
  ])("%s", async (_, args, exitCode, words) => {
    const run = await halfroomHere(args);
    expect(run.stderr).toContain(words);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stdout).toBe("");
    expect(run.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });
});

test("an impossible --out is noticed before the run", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const run = await halfroomHere(["rehearse", ...FILES, ...REPORT, "--out", file]);
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(`Cannot write to ${file}`);
});

test("errors show escape sequences instead of sending them to the terminal", async () => {
  const run = await halfroomHere(["rehearse", ...FILES, ...REPORT, "--measure=\u001b[31m:0:1"]);
  expect(run.stderr).toContain("\\u{1b}[31m");
  expect(run.stderr).not.toContain("\u001b");
});

test.each([
  [["partners", "--home", join(temporaryFolder(), "none")], 2, "no-node", "halfroom init"],
  [["partners", "--colour"], 2, "flags", "colour"],
  [["rehearse", ...FILES, ...REPORT, "--threshold=10"], 4, "refused-here", "11 or more"],
])("with --json the error of %j is one object on stderr", async (args, exitCode, code, words) => {
  const run = await halfroomHere([...args, "--json"]);
  expect(run).toMatchObject({ exitCode, stdout: "" });
  expect(JSON.parse(run.stderr)).toEqual({ error: { code, words: expect.stringContaining(words) } });
  expect(run.stderr).not.toMatch(/\n./);
});

test.each(["rehearse", "demo"])("%s --help says what it takes", async (command) => {
  const run = await halfroomHere([command, "--help"]);
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toBe("");
  expect(run.stdout).toContain(`halfroom ${command}`);
  expect(run.stdout).toContain("--ot-k");
});

test("the process does the same: exit code, stderr and stdout", async () => {
  const [side, bad, refused, help] = await Promise.all([
    halfroom(["rehearsal-side"]),
    halfroom(["demo", "--sender-rows=0"]),
    halfroom(["rehearse", ...FILES, ...REPORT, "--threshold=10"]),
    halfroom(["--help"]),
  ]);
  expect(bad).toEqual(await halfroomHere(["demo", "--sender-rows=0"]));
  expect(refused).toEqual(await halfroomHere(["rehearse", ...FILES, ...REPORT, "--threshold=10"]));
  expect([side, bad, refused, help].map(({ exitCode }) => exitCode)).toEqual([2, 2, 4, 0]);
  expect(side.stderr).toContain("halfroom rehearse");
  expect(help.stdout).not.toContain("rehearsal-side");
  expect(help.stdout).toContain("rehearse");
});
