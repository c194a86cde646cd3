// The examples of the packages' own pages run as they stand, and print what their comments say.
import { execFile } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
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

test("pages have examples", () => {
  expect(examples.length).toBeGreaterThan(4);
});

test.each(examples)("$place runs", async ({ text }) => {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-example-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "example.ts"), `${text}\n`);
  const { stdout } = await run(process.execPath, ["--import", LOADER, "example.ts"], { cwd: folder });
  expect(stdout).not.toBe("");
  const said = [...text.matchAll(/\/\/ prints (.*)/g)].map(([, line]) => line!);
  if (said.length > 0) expect(stdout.trimEnd().split("\n")).toEqual(said);
});
