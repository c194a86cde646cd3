// docs/api.md against the declarations: endpoints, roles, problems; and that command line, endpoints and pages do the same things.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROLES, ROUTES, type Route } from "../src/client.ts";
import { REQUEST_PROBLEMS } from "../src/contract/problem.ts";
import { LIMITS } from "../src/server/limits.ts";

const PAGE = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");

/** The cells of the rows that begin so. */
const rowsOf = (begins: RegExp): string[][] =>
  PAGE.split("\n")
    .filter((line) => begins.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** What stands in backquotes. */
const codesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

/** [endpoints, commands, page] */
const ENDPOINT_ROWS = rowsOf(/^\| `(?:GET|POST) \//).map(
  ([, endpoints, commands, page]) => [codesIn(endpoints!), codesIn(commands!), page!] as const,
);

test("it has every endpoint, and no other", () => {
  const documented = ENDPOINT_ROWS.flatMap(([endpoints]) => endpoints);
  const declared = Object.values<Route>(ROUTES)
    .filter(({ path }) => path.startsWith("/api/v1/"))
    .map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`);
  expect(documented.toSorted()).toEqual(declared.toSorted());
});

test("every command has an endpoint, or stands where it says why it has none", () => {
  const cli = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  const commands = [...cli.matchAll(/^## `halfroom ([a-z-]+(?: [a-z-]+)*)/gm)].map(([, name]) => name!);
  const start = PAGE.indexOf("These commands have no endpoint");
  const without = PAGE.slice(start, PAGE.indexOf("\n\n", start + 40))
    .split("\n")
    .flatMap((line) => codesIn(line.split("|")[1] ?? ""));
  const within = ENDPOINT_ROWS.flatMap(([, named]) => named).filter((name) => commands.includes(name));
  expect([...new Set(within), ...without].toSorted()).toEqual(commands.toSorted());
});

test("every endpoint is used by the page that it is listed with, and every page has its endpoints", () => {
  const web = new URL("../web/src/", import.meta.url);
  const files = readdirSync(web, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const code = files.map((file) => readFileSync(new URL(file, web), "utf8")).join("\n");
  const names = new Map(
    Object.entries<Route>(ROUTES).map(([name, { method, path }]) => {
      return [`${method} ${path.replace("/api/v1", "")}`, name];
    }),
  );
  const isUsed = (endpoint: string) => new RegExp(`\\.${names.get(endpoint)!}\\(`).test(code);
  const faults = ENDPOINT_ROWS.flatMap(([endpoints, , page]) =>
    endpoints.filter((endpoint) => isUsed(endpoint) !== (page !== "")),
  );
  expect(faults).toEqual([]);
  const navigation = readFileSync(new URL("navigation.tsx", web), "utf8");
  const pages = [...navigation.matchAll(/\{ words: "([^"]+)"/g)].map(([, words]) => words!);
  const listed = new Set(ENDPOINT_ROWS.map(([, , page]) => page).filter((page) => page !== ""));
  expect([...listed].toSorted()).toEqual([...pages, "You"].toSorted());
});

test("it has every role, and every problem with its status", () => {
  for (const role of ROLES) expect(PAGE).toContain(`| \`${role}\` |`);
  const rows = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) +\|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  const problems = Object.entries(REQUEST_PROBLEMS).map(([code, { status }]) => [code, status]);
  expect(rows).toEqual(problems);
  for (const limit of [LIMITS.tokenPerMinute, LIMITS.strangerPerMinute, LIMITS.connections])
    expect(PAGE).toContain(String(limit));
});
