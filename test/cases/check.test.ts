// What `dataset check` says and how it ends: opt-outs, remedies, and exit code 2 where no report could use the data.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { halfroomHere } from "../../packages/cli/test/halfroom.ts";

const folder = mkdtempSync(join(tmpdir(), "halfroom-check-"));
afterAll(() => rmSync(folder, { recursive: true }));
const home = ["--home", join(folder, "node")];
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("opt-outs are counted, and what no report can use ends with exit code 2 and the option that helps", async () => {
  expect((await halfroomHere(["init", ...home])).exitCode).toBe(0);
  const sales = file(
    "sales.csv",
    "email,phone,amount\na@example.com,4915550000100.0,1.5\nb@example.com,,2.125\nc@example.com,4915112345678,3\n",
  );
  const add = (name: string, ...flags: string[]) =>
    halfroomHere(["dataset", "add", name, ...home, "--file", sales, ...flags]);
  const check = (name: string, ...flags: string[]) =>
    halfroomHere(["dataset", "check", name, ...home, ...flags]);
  await add("sales", "--match", "email=email", "--measure", "amount");
  await add("rounded", "--match", "email=email", "--measure", "amount:round");
  await add("phones", "--match", "phone=phone", "--region", "DE");
  await halfroomHere([
    "suppress",
    "add",
    file("out.csv", "email,note\nA@example.com,x\nz@example.com,x\n"),
    ...home,
  ]);

  const good = await check("rounded", "--measure", "amount:0:500:2", "--json");
  expect(good.exitCode, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ people: 3, optedOut: 1, problems: [], dropped: [] });
  expect((await check("rounded")).stdout).toContain("3 people, of whom 1 opted out.");

  const fine = await check("sales", "--measure", "amount:0:500:2");
  expect(fine.exitCode).toBe(2);
  expect(fine.stdout).toContain("amount: more than 2 decimals: Ask for more decimals, or round them");
  expect(fine.stderr).toContain('"amount" has 1 rows with more than 2 decimals');
  expect((await check("sales", "--measure", "amount:0:500:3")).exitCode).toBe(0);

  const nobody = await check("phones", "--json");
  expect(nobody.exitCode).toBe(2);
  const findings = JSON.parse(nobody.stdout) as { dropped: unknown[]; keys: unknown[] };
  expect(findings).toMatchObject({ people: 0, optedOut: 0, keys: [{ invalidRows: 2 }] });
  expect(JSON.stringify(findings.keys)).toContain("leave out the region");
  expect(JSON.parse(nobody.stderr)).toMatchObject({ error: { code: "unusable" } });
  expect(nobody.stdout + fine.stdout).not.toMatch(/4915|2\.125|@example/);

  await halfroomHere(["suppress", "add", file("all.csv", "email\nb@example.com\nc@example.com\n"), ...home]);
  const out = await check("rounded");
  expect(out).toMatchObject({ exitCode: 2 });
  expect(out.stderr).toContain("nobody is left");
});
