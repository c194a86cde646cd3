// The examples of the packages' own pages run as they are written, and print what they say.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { blocksOf } from "./blocks.ts";
import { OTHER_PAGES } from "./pages.ts";
import { ROOT } from "./typing.ts";

const run = promisify(execFile);
const LOADER = pathToFileURL(join(ROOT, "tools/typescript.js")).href;

const examples = OTHER_PAGES.filter((path) => path.startsWith("packages/")).flatMap((path) =>
  blocksOf(join(ROOT, path)).filter(({ words, notRun }) => words[0] === "ts" && notRun === undefined),
);

test("packages have one each, but for those that are commands or native code", () => {
  const having = new Set(examples.map(({ place }) => place.replace(/^.*packages\/([^/]+)\/.*$/, "$1")));
  const all = readdirSync(join(ROOT, "packages"));
  expect(all.filter((name) => !having.has(name))).toEqual(["bench", "cli", "crypto-native"]);
});

test.each(examples)("$place runs", async ({ text }) => {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-example-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "example.ts"), `${text}\n`);
  const { stdout } = await run(process.execPath, ["--import", LOADER, "example.ts"], { cwd: folder });
  const promised = [...text.matchAll(/\/\/ prints (.*)/g)].map(([, line]) => line);
  expect(promised.length).toBeGreaterThan(0);
  expect(stdout.trimEnd().split("\n")).toEqual(promised);
});
