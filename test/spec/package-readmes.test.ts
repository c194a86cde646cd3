// The examples in the packages' own pages run as they stand, and print what they say.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The page's indented block that begins with an import, if it has one. */
function exampleOf(name: string): string | undefined {
  const page = `${ROOT}packages/${name}/README.md`;
  if (!existsSync(page)) return undefined;
  const block = /(?:^|\n)((?: {4}import [^\n]*\n)(?: {4}[^\n]*\n|\n(?= {4}))*)/.exec(
    readFileSync(page, "utf8"),
  );
  return block?.[1]!.replace(/^ {4}/gm, "");
}

const examples = readdirSync(`${ROOT}packages`).flatMap((name) => {
  const code = exampleOf(name);
  return code === undefined ? [] : [[name, code] as const];
});

test("the packages of the protocol have one each", () => {
  expect(examples.map(([name]) => name)).toEqual(
    expect.arrayContaining(["aggregate", "crypto", "match", "mpc", "release", "wire"]),
  );
});

test.each(examples)("%s", async (_, code) => {
  const said = [...code.matchAll(/\/\/ prints (.*)/g)].map(([, line]) => line);
  const args = ["--import", "./tools/typescript.js", "--input-type=module", "--eval", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(said.length).toBeGreaterThan(0);
  expect(stdout.trimEnd().split("\n")).toEqual(said);
});
