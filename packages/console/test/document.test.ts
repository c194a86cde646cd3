// docs/api.md against the declarations: endpoints, roles, problems.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROLES, ROUTES, type Route } from "../src/client.ts";
import { REQUEST_PROBLEMS } from "../src/contract/problem.ts";
import { LIMITS } from "../src/server/limits.ts";

const PAGE = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");

test("it has every endpoint, and no other", () => {
  const rows = PAGE.split("\n").filter((line) => /^\| `(?:GET|POST) \//.test(line));
  const documented = rows.flatMap((row) =>
    [...row.matchAll(/`([A-Z]+ \/\S+)`/g)].map(([, endpoint]) => endpoint!),
  );
  const declared = Object.values<Route>(ROUTES)
    .filter(({ path }) => path.startsWith("/api/v1/"))
    .map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`);
  expect(documented.toSorted()).toEqual(declared.toSorted());
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
