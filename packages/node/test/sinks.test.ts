// Reports in files and an object store: what is in them, that writing twice is writing once, and that a sink that fails harms no report.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { parse } from "csv-parse/sync";
import { expect, onTestFinished, test } from "vitest";
import { sqlRows } from "@halfroom/testkit";
import { openStore } from "../../prepare/test/object-store.ts";
import { deliverEvents, listEvents, sendReport, testTarget } from "../src/api/events.ts";
import { handleOf } from "../src/api/node.ts";
import { listReports } from "../src/api/reports.ts";
import { doctor } from "../src/api/doctor.ts";
import { loadSettings } from "../src/config/load.ts";
import { AGAIN_MS } from "../src/events/deliver.ts";
import { scratchFolder } from "./fixtures.ts";
import { delivery } from "./killed-delivery.ts";
import { tellingNode } from "./told.ts";
import { SPRING, twoNodes, type SiteChanges } from "./two-nodes.ts";

const LINES = 2000;
const GENEROUS = { epsilon: 50, budget: 500, threshold: 20 };

/** A report of two nodes, of which the advertiser has these sinks. */
async function reported(sinks: object, changes: SiteChanges = {}, lines?: string) {
  const nodes = await twoNodes({
    advertiser: { ...changes, policy: GENEROUS, settings: { sinks } },
    publisher: { policy: GENEROUS },
  });
  const report = await nodes.run(lines);
  return { ...nodes, ...report, handle: handleOf(nodes.advertiser) };
}

const ndjson = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a report is in the folder in long form, with cells that stay closed as such", async () => {
  const folder = scratchFolder();
  const { session, handle } = await reported({ lake: { folder: join(folder, "deep", "er") } });
  expect(await deliverEvents(handle)).toMatchObject([{ target: "lake", outcome: "delivered" }]);
  const [name, ...others] = readdirSync(join(folder, "deep", "er"));
  expect([name, others]).toEqual([`halfroom-${session}.ndjson`, []]);
  const lines = ndjson(readFileSync(join(folder, "deep", "er", name!), "utf8"));
  expect(lines.length).toBeLessThan(LINES);
  const common = {
    session,
    partner: "publisher",
    report: "sums",
    threshold: 20,
    noise: "none",
    epsilon: null,
  };
  for (const line of lines) expect(line).toMatchObject(common);
  expect(lines.map(({ line }) => line)).toEqual(lines.map((_, i) => i + 1));
  const ofSpring = lines.filter(({ labels }) => JSON.stringify(labels) === '{"campaign":"spring"}');
  const people = { place: "cell", measure: "people", number: "people", status: "opened", known: "exact" };
  expect(ofSpring).toContainEqual(
    expect.objectContaining({ ...people, value: String(SPRING.people), low: String(SPRING.people) }),
  );
  expect(ofSpring).toContainEqual(
    expect.objectContaining({ measure: "revenue", number: "sum", value: SPRING.revenue.toFixed(2) }),
  );
  // Eight people saw the other campaign: too few, and nothing but that is written.
  expect(JSON.stringify(lines)).not.toContain("autumn");
  expect(lines.every(({ status, value }) => status === "opened" || value === null)).toBe(true);
});

test("with noise each opened number has its interval, and the lines say which noise", async () => {
  const folder = scratchFolder();
  const { handle } = await reported({ lake: { folder, form: "csv" } }, {}, "epsilon: 50");
  await deliverEvents(handle);
  const [name] = readdirSync(folder);
  const rows: Record<string, string>[] = parse(readFileSync(join(folder, name!)), { columns: true });
  const opened = rows.filter(({ known }) => known === "interval");
  expect(rows.every(({ noise, epsilon }) => noise === "laplace" && Number(epsilon) > 0)).toBe(true);
  for (const { low, value, high } of opened) {
    expect(Number(low)).toBeLessThanOrEqual(Number(value));
    // Without a bound it is empty.
    if (high !== "") expect(Number(value)).toBeLessThanOrEqual(Number(high));
  }
  expect(rows.find(({ place }) => place === "report")).toMatchObject({ labels: "{}", partition_number: "" });
});

test("written again it is the same file, by hand too, and the list of reports says where it is", async () => {
  const folder = scratchFolder();
  const { session, handle, run, advertiser } = await reported({ lake: { folder } });
  await deliverEvents(handle);
  const file = join(folder, `halfroom-${session}.ndjson`);
  const before = readFileSync(file, "utf8");
  // Served once more from what is stored.
  expect((await run()).session).toBe(session);
  expect(await deliverEvents(handle)).toMatchObject([{ outcome: "delivered" }]);
  expect([readdirSync(folder), readFileSync(file, "utf8")]).toEqual([[`halfroom-${session}.ndjson`], before]);
  rmSync(file);
  await sendReport(handle, session.slice(0, 12), "lake");
  expect(readFileSync(file, "utf8")).toBe(before);
  expect((await listReports(handle))[0]!.sent).toMatchObject([
    { sink: "lake", state: "delivered", words: "" },
  ]);
  await expect(sendReport(handle, session, "other")).rejects.toMatchObject({ code: "no-event" });
  await expect(sendReport(handle, "none", "lake")).rejects.toMatchObject({ code: "no-report" });
  expect(advertiser.events.list().filter(({ type }) => type === "session.done")).toHaveLength(2);
});

test("a sink that fails harms no report, is tried for days, and is told of; by hand it is mended", async () => {
  const folder = scratchFolder();
  const place = join(folder, "taken");
  writeFileSync(place, "a file, where a folder should be");
  const clock = { now: Date.now() };
  const { session, handle, json } = await reported({ lake: { folder: place } }, { clock: () => clock.now });
  expect(JSON.parse(json).partitions[0].cells).toHaveLength(1);
  for (const ms of [0, ...AGAIN_MS]) {
    clock.now += ms + 1000;
    await deliverEvents(handle);
  }
  const [unsent] = (await listEvents(handle)).filter(({ type }) => type === "report.unsent");
  expect(unsent).toMatchObject({ facts: { partner: "publisher", session, sink: "lake" } });
  const [{ sent } = {}] = await listReports(handle);
  expect(sent).toMatchObject([
    { state: "failed", words: expect.stringMatching(/^its folder cannot be written to/) },
  ]);
  expect((await doctor(handle)).find(({ what }) => what === "folder lake")).toMatchObject({
    state: "warning",
  });
  await expect(sendReport(handle, session, "lake")).rejects.toMatchObject({ code: "delivery" });
  rmSync(place);
  mkdirSync(place);
  await sendReport(handle, session, "lake");
  expect(readdirSync(place)).toHaveLength(1);
});

test("in Parquet the columns have types, and every number is the one of the report; written again it is the same file", async () => {
  const folder = scratchFolder();
  const sinks = { lake: { folder, form: "parquet" }, text: { folder, form: "ndjson" } };
  const { session, handle } = await reported(sinks, {}, "epsilon: 50");
  await deliverEvents(handle);
  const file = join(folder, `halfroom-${session}.parquet`);
  const types = await sqlRows([], `select column_name, column_type from (describe select * from '${file}')`);
  const typed = Object.fromEntries(types.map(([name, type]) => [String(name), String(type)]));
  expect(typed).toMatchObject({
    session: "VARCHAR",
    line: "BIGINT",
    partition_number: "BIGINT",
    threshold: "BIGINT",
    labels: "VARCHAR",
  });
  for (const name of ["value", "standard_error", "low", "high", "epsilon"])
    expect(typed[name], name).toBe("DECIMAL(38,18)");
  expect(typed["made_at"]).toBe("TIMESTAMP WITH TIME ZONE");
  // The same lines as text: each decimal of the one is exactly that of the other.
  const lines = ndjson(readFileSync(join(folder, `halfroom-${session}.ndjson`), "utf8"));
  const columns = [
    "line",
    "labels",
    "measure",
    "number",
    "status",
    "value",
    "low",
    "high",
    "epsilon",
    "threshold",
  ];
  const rows = await sqlRows([], `select ${columns.join(", ")} from '${file}' order by line`);
  const plain = (value: unknown) =>
    typeof value === "string" && /^-?[0-9]+(\.[0-9]+)?$/.test(value)
      ? value.replace(/(\.[0-9]*?)0+$/, "$1").replace(/\.$/, "")
      : value;
  expect(rows.map((row) => row.map((value) => plain(value === null ? null : String(value))))).toEqual(
    lines.map((line) =>
      columns.map((name) => {
        const value = line[name];
        if (name === "labels") return JSON.stringify(value);
        return plain(value === null ? null : String(value as string | number));
      }),
    ),
  );
  expect(
    await sqlRows(
      [],
      `select count(distinct made_at)::int from '${file}' where made_at > '2026-01-01 00:00:00+00'`,
    ),
  ).toEqual([[1]]);
  const before = readFileSync(file);
  await sendReport(handle, session, "lake");
  expect(readFileSync(file)).toEqual(before);
});

test("what a delivery that was killed left in the folder is removed by the next, and nothing else is", async () => {
  const folder = scratchFolder();
  const { session, handle } = await reported({ lake: { folder } });
  const draft = (age: string) => `halfroom-${age.repeat(64)}.csv.0123456789abcdef.tmp`;
  const minutes = (ago: number) => new Date(Date.now() - ago * 60_000);
  for (const [name, ago] of [
    [draft("a"), 5],
    [draft("b"), 0],
    ["halfroom.tmp", 5],
    ["orders.csv.0123456789abcdef.tmp", 5],
  ] as const) {
    writeFileSync(join(folder, name), "half");
    utimesSync(join(folder, name), minutes(ago), minutes(ago));
  }
  await deliverEvents(handle);
  expect(readdirSync(folder).toSorted()).toEqual(
    [`halfroom-${session}.ndjson`, draft("b"), "halfroom.tmp", "orders.csv.0123456789abcdef.tmp"].toSorted(),
  );
});

test.each(["rename", "settle"] as const)(
  "a process that is killed in the middle of a delivery, at its %s, leaves a folder that has each report once after the next",
  async (moment) => {
    const folder = scratchFolder();
    const clock = { now: Date.now() };
    const { session, handle, advertiser } = await reported({ lake: { folder } }, { clock: () => clock.now });
    const { ended } = delivery(advertiser.folder.path, moment);
    expect((await ended)[1]).toBe("SIGKILL");
    const name = `halfroom-${session}.ndjson`;
    const left = readdirSync(folder);
    if (moment === "settle") expect(left).toEqual([name]);
    else expect(left).toEqual([expect.stringMatching(/\.tmp$/)]);
    // Nobody tries before it is certain that the first is dead.
    expect(await deliverEvents(handle)).toEqual([]);
    const earlier = new Date(Date.now() - 60_000);
    for (const each of left) utimesSync(join(folder, each), earlier, earlier);
    // By the clock of the process that was killed.
    clock.now = Date.now() + 61_000;
    expect(await deliverEvents(handle)).toMatchObject([
      { target: "lake", outcome: "delivered", attempts: 2 },
    ]);
    expect(readdirSync(folder)).toEqual([name]);
    const lines = ndjson(readFileSync(join(folder, name), "utf8"));
    expect(lines.map(({ line }) => line)).toEqual(lines.map((_, i) => i + 1));
  },
);

test("a sink for what is asked gets what is asked, and a request names only what the settings name", async () => {
  const folder = scratchFolder();
  const nodes = await twoNodes({
    advertiser: { settings: { sinks: { lake: { folder, send: "asked" } } } },
  });
  const handle = handleOf(nodes.advertiser);
  await nodes.run();
  expect(await deliverEvents(handle)).toEqual([]);
  await expect(nodes.run("exact: true\nsink: elsewhere")).rejects.toThrow(
    'There is no sink "elsewhere" here; there are lake.',
  );
  const { session } = await nodes.run("exact: true\nsink: lake");
  await deliverEvents(handle);
  expect(readdirSync(folder)).toEqual([`halfroom-${session}.ndjson`]);
});

test("a side that gets no result has nothing to write", async () => {
  const folder = scratchFolder();
  const { handle, session } = await reported({ lake: { folder } }, {}, "exact: true\nresult: them");
  expect(await deliverEvents(handle)).toEqual([]);
  await expect(sendReport(handle, session, "lake")).rejects.toThrow("this node has no numbers of the report");
  expect(readdirSync(folder)).toEqual([]);
});

test("a test of a sink writes nothing", async () => {
  const folder = join(scratchFolder(), "new");
  const { node } = await tellingNode({ sinks: { lake: { folder } } });
  expect(await testTarget(handleOf(node), "lake")).not.toHaveProperty("failure");
  expect(existsSync(folder)).toBe(false);
});

test("an object store has an object for each session, under the prefix", async () => {
  const store = await openStore("results");
  onTestFinished(() => store.close());
  for (const [name, value] of Object.entries(store.variables)) {
    process.env[name] = value;
    onTestFinished(() => void delete process.env[name]);
  }
  const { session, handle } = await reported({ lake: { s3: "s3://results/clean/rooms" } });
  expect(await deliverEvents(handle)).toMatchObject([{ outcome: "delivered" }]);
  await sendReport(handle, session, "lake");
  const key = `clean/rooms/halfroom-${session}.ndjson`;
  expect(await store.keys("")).toEqual([key]);
  const client = new S3Client({
    endpoint: store.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
  });
  const { Body: body } = await client.send(new GetObjectCommand({ Bucket: "results", Key: key }));
  expect(ndjson(await body!.transformToString())[0]).toMatchObject({ session, line: 1 });
  client.destroy();
  // A check writes and deletes, and says why it cannot.
  expect(await testTarget(handle, "lake")).not.toHaveProperty("failure");
  expect(await store.keys("")).toEqual([key]);
  const { handle: elsewhere } = await reported({ lake: { s3: "s3://nowhere/clean" } });
  expect(await testTarget(elsewhere, "lake")).toMatchObject({ failure: expect.stringMatching(/bucket/i) });
  expect((await doctor(elsewhere)).find(({ what }) => what === "s3 lake")).toMatchObject({
    state: "warning",
  });
});

test("Parquet goes to an object store too", async () => {
  const store = await openStore("results");
  onTestFinished(() => store.close());
  for (const [name, value] of Object.entries(store.variables)) {
    process.env[name] = value;
    onTestFinished(() => void delete process.env[name]);
  }
  const { session, handle } = await reported({ lake: { s3: "s3://results", form: "parquet" } });
  expect(await deliverEvents(handle)).toMatchObject([{ outcome: "delivered" }]);
  expect(await store.keys("")).toEqual([`halfroom-${session}.parquet`]);
});

const DB = { urlFile: "warehouse.url" };
test.each([
  ["two places", { postgres: DB, folder: "x" }, "write one of postgres, mysql, folder, s3"],
  ["none", {}, "write one of postgres, mysql, folder, s3"],
  ["a password in it", { postgres: { url: "postgres://me:pw@db/x" } }, "no password here"],
  ["two URLs", { mysql: { ...DB, urlVariable: "X" } }, "write one of url"],
  ["a table that is none", { postgres: DB, table: 'x"; drop table y' }, "write TABLE or SCHEMA.TABLE"],
  ["a table of files", { folder: "x", table: "t" }, "only a database has a table"],
  ["a form of a table", { postgres: DB, form: "csv" }, "only files have a form"],
  ["another store", { s3: "gs://bucket/x" }, "give s3://BUCKET/PREFIX"],
])("a sink with %s is refused", async (_what, sink, words) => {
  const { node } = await tellingNode({});
  const env = { HALFROOM_SINKS: JSON.stringify({ lake: sink }) };
  await expect(loadSettings(node.folder, env)).rejects.toThrow(words);
  await expect(loadSettings(node.folder, env)).rejects.not.toThrow(/pw/);
});

test("a variable that a sink names is one that is read", async () => {
  const { node } = await tellingNode({ sinks: { db: { postgres: { urlVariable: "HALFROOM_WAREHOUSE" } } } });
  const env = { HALFROOM_WAREHOUSE: "postgres://x" };
  await expect(loadSettings(node.folder, env)).resolves.toBeDefined();
  await expect(loadSettings(node.folder, { HALFROOM_WAREHOUSES: "x" })).rejects.toThrow(
    "HALFROOM_WAREHOUSES",
  );
});
