// A checkout's command runs compiled code that is never older than the sources, never incomplete, never from elsewhere.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const execute = promisify(execFile);

/** A separate checkout, so that the command of other tests does not change. */
const checkout = mkdtempSync(join(tmpdir(), "halfroom-checkout-"));
for (const name of ["package.json", "tools", "packages"]) {
  cpSync(join(ROOT, name), join(checkout, name), {
    recursive: true,
    filter: (path) => !/\/(?:test|node_modules)$/.test(path),
  });
}
symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
afterAll(() => rmSync(checkout, { recursive: true }));

const MAIN = join(checkout, "packages/cli/src/main.ts");
const PURPOSE = "Counts and sums over the people whom two parties share";

async function help(environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const command = join(checkout, "packages/cli/bin/halfroom.js");
  const env = { ...process.env, HALFROOM_TEST_BUILD: undefined, ...environment };
  return (await execute(process.execPath, [command, "--help"], { env })).stdout;
}

const builds = () => readdirSync(join(checkout, "build"));

test("compiles for several that ask at once, kernels too, and leaves nothing half done", async () => {
  const printed = await Promise.all([help(), help(), help()]);
  for (const text of printed) expect(text).toContain(PURPOSE);
  const made = builds();
  expect(made.filter((name) => name.startsWith("unfinished"))).toEqual([]);
  await help();
  expect(builds()).toEqual(made);
});

test("runs what the sources say now, and says so if they do not compile", async () => {
  const source = readFileSync(MAIN, "utf8");
  writeFileSync(MAIN, source.replace(PURPOSE, "Something else"));
  expect(await help()).toContain("Something else");
  writeFileSync(MAIN, source.replace("export async function main(", "export async function main(("));
  await expect(help()).rejects.toThrow(/main\.ts/);
  expect(builds().filter((name) => name.startsWith("unfinished"))).toEqual([]);
  writeFileSync(MAIN, source);
  expect(await help()).toContain(PURPOSE);
});

test("keeps nothing in the temporary folder, and needs none", async () => {
  const folder = mkdtempSync(join(checkout, "tmp-"));
  expect(await help({ TMPDIR: folder })).toContain(PURPOSE);
  expect(readdirSync(folder)).toEqual([]);
  const missing = join(checkout, "no-such-folder");
  expect(await help({ TMPDIR: missing })).toContain(PURPOSE);
  expect(existsSync(missing)).toBe(false);
});
