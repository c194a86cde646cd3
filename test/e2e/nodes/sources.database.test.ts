// The same people from every kind of source give the same digest, and the same report between two nodes. Uses real servers (test/database).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeParquet } from "@halfroom/testkit";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore, type TestStore } from "../../../packages/prepare/test/object-store.ts";
import { cellsOf, EXPECTED, openPair, policyOf, requestOf, type Pair } from "./pair.ts";
import type { Running } from "./site.ts";

const URL_VARIABLE = "HALFROOM_TEST_POSTGRES";
/** The advertiser's people of pair.ts and what each spent, in SQL of either engine. */
const ROWS = "select 'P' || i || '@Example.com' as email, (i * 100 + 25) / 100.0 as revenue";
const PEOPLE = Array.from({ length: 50 }, (_, i) => i + 30);

let pair: Pair;
let serving: Running[];
let store: TestStore;
let sources: Record<string, string[]>;
beforeAll(async () => {
  pair = await openPair();
  const { advertiser, publisher } = pair;
  const at = (name: string) => join(advertiser.folder, name);
  const csv = ["email,revenue", ...PEOPLE.map((i) => `P${i}@Example.com,${i}.25`), ""].join("\n");
  const ndjson = PEOPLE.map((i) => `{"email":"P${i}@Example.com","revenue":${i}.25}\n`).join("");
  mkdirSync(at("parts"));
  writeFileSync(at("all.csv"), csv);
  writeFileSync(at("all.csv.gz"), gzipSync(csv));
  writeFileSync(at("parts/1.ndjson"), ndjson.slice(0, ndjson.indexOf("\n") + 1));
  writeFileSync(at("parts/2.ndjson.gz"), gzipSync(ndjson.slice(ndjson.indexOf("\n") + 1)));
  await writeParquet(
    at("all.parquet"),
    `select email, revenue::decimal(12, 2) as revenue
    from (${ROWS} from range(30, 80) r(i))`,
  );
  const series = "with recursive r(i) as (select 30 union all select i + 1 from r where i < 79)";
  const database = new DatabaseSync(at("crm.db"));
  database.exec(
    `create table sales as ${series} select 'P' || i || '@Example.com' as email, i + 0.25 as revenue from r`,
  );
  database.close();
  store = await openStore("exports");
  // As whoever runs a node gives them to it.
  Object.assign(process.env, store.variables);
  await store.put("crm/all.parquet", readFileSync(at("all.parquet")));
  await store.put("crm/parts/all.csv.gz", gzipSync(csv));
  sources = {
    csv: ["--file", "all.csv"],
    gzip: ["--file", "all.csv.gz"],
    ndjson: ["--file", "parts", "--format", "ndjson"],
    parquet: ["--file", "all.parquet"],
    parquetInStore: ["--file", "s3://exports/crm/*.parquet"],
    csvInStore: ["--file", "s3://exports/crm", "--format", "csv"],
    postgres: [
      "--postgres-query",
      `${ROWS} from generate_series(30, 79) i`,
      "--postgres-url-variable",
      URL_VARIABLE,
    ],
    sqlite: ["--file", "crm.db", "--sqlite-table", "sales"],
    mysql: [
      "--mysql-query",
      `${series} select concat('P', i, '@Example.com') as email, cast(i + 0.25 as decimal(12, 2)) as revenue from r;`,
      "--mysql-url-variable",
      "HALFROOM_TEST_MYSQL",
    ],
  };
  for (const [name, flags] of Object.entries(sources)) {
    await advertiser.ok("dataset", "add", name, ...flags, "--match", "email=email", "--measure", "revenue");
  }
  advertiser.policies(
    Object.keys(sources)
      .map((dataset) => policyOf("advertiser", { dataset }))
      .join("\n"),
  );
  publisher.policies(policyOf("publisher"));
  serving = [await publisher.serve()];
});
afterAll(async () => {
  await Promise.all(serving.map((running) => running.kill()));
  await pair.close();
  await store.close();
});

test("every source gives the same digest and the same report", async () => {
  const { advertiser } = pair;
  const digests = new Set<string>();
  for (const name of Object.keys(sources)) {
    const check = JSON.parse(await advertiser.ok("dataset", "check", name, "--json"));
    expect(check).toMatchObject({ rows: 50, people: 50, merged: 0, dropped: [] });
    digests.add(check.digest);
    advertiser.write(
      `${name}.yaml`,
      requestOf("advertiser").replace("dataset: purchases", `dataset: ${name}`),
    );
    const report = await advertiser.ok("run", `${name}.yaml`, "--json");
    expect(cellsOf(report), name).toEqual(EXPECTED);
  }
  expect(digests.size).toBe(1);
  expect([...digests][0]).toMatch(/^[0-9a-f]{64}$/);
});

test("a connection that drops within the query is an error with a remedy, and leaves nothing", async () => {
  const { advertiser } = pair;
  const query = "select 'secret@b.cd' as email, pg_terminate_backend(pg_backend_pid()) as gone";
  const address = ["--postgres-url-variable", URL_VARIABLE];
  await advertiser.ok(
    "dataset",
    "add",
    "dropped",
    "--postgres-query",
    query,
    ...address,
    "--match",
    "email=email",
  );
  const scratch = join(advertiser.folder, "scratch");
  mkdirSync(scratch);
  const { exitCode, stderr } = await advertiser.start(["dataset", "check", "dropped"], { TMPDIR: scratch })
    .ended;
  expect(exitCode, stderr).toBe(2);
  expect(stderr).toMatch(
    /the query of dataset dropped: the connection to the database failed\. .*run it again/,
  );
  expect(stderr).not.toContain("secret");
  expect(readdirSync(scratch).filter((name) => name.startsWith("halfroom"))).toEqual([]);
});
