import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { halfroom, halfroomHere } from "./halfroom.ts";

const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();

test("says version, commit, the kernel that would be used and the protocols, in words and as JSON", async () => {
  const env = { HALFROOM_KERNEL: "noble" };
  const { exitCode, stdout } = await halfroom(["--version", "--json"], env);
  expect(exitCode).toBe(0);
  const facts = JSON.parse(stdout);
  expect(facts).toEqual({
    version: manifest.version,
    commit: expect.stringMatching(new RegExp(`^${commit}\\+?$`)),
    kernel: "noble",
    protocols: [expect.stringMatching(/^halfroom\/\d+ /)],
  });
  const { stdout: words } = await halfroom(["--version"], env);
  expect(words.split("\n")).toEqual([
    `halfroom ${facts.version}`,
    `commit ${facts.commit}`,
    "kernel noble",
    `protocol ${facts.protocols[0]}`,
    "",
  ]);
});

test("refuses a flag that it does not know", async () => {
  const { exitCode, stderr } = await halfroomHere(["--version", "--jsn"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain("--jsn");
});
