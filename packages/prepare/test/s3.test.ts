// Objects of an S3-compatible store as a source, against a server of that kind.
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { checkDataset, datasetSchema, InputError, preparePeople, type DatasetInput } from "../src/index.ts";
import { chosenKeys, globPattern } from "../src/sources/objects/names.ts";
import { cuttingServer } from "./cutting-server.ts";
import { definition, someRows, writeSources } from "./datasets.ts";
import { openStore, type TestStore } from "./object-store.ts";

const BUCKET = "crm-exports";
const REQUEST = {
  match: ["email"],
  measures: [{ name: "amount", low: 0n, high: 30_000n, decimals: 2 }],
  partitions: [["age_band", "country", "week"]],
};
/** Of one list of two megabytes. */
const LONG = Array.from(
  { length: 60_000 },
  (_, i) => `person${String(i).padStart(12, "0")}@example.com,${i}`,
);
const LONG_CSV = ["email,amount", ...LONG, ""].join("\n");

let folder: string;
let store: TestStore;
let sources: Record<string, DatasetInput["source"]>;
const before = { ...process.env };
const servers: (Server | HttpServer)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-s3-"));
  sources = await writeSources(folder, someRows(500));
  store = await openStore(BUCKET);
  const of = (name: string) => readFileSync(join(folder, name));
  await store.put("all/people.parquet", of("all.parquet"));
  await store.put("all/people.ndjson.gz", of("all.ndjson.gz"));
  await store.put("parts/1.CSV", of("part-1.csv"));
  await store.put("parts/deep/2.csv.gz", gzipSync(of("part-2.csv")));
  for (const mark of [
    "parts/_SUCCESS",
    "parts/_temporary/3.csv",
    "parts/notes.txt",
    "parts-old/4.csv",
    "parts/",
  ]) {
    await store.put(mark, "not\nrows\n");
  }
  await store.put("long.csv", LONG_CSV);
});
const point = (variables: Readonly<Record<string, string>>) => Object.assign(process.env, variables);
const restore = () => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  for (const [name, value] of Object.entries(before)) if (name.startsWith("AWS_")) process.env[name] = value;
};
afterEach(restore);
afterAll(async () => {
  servers.forEach((server) => server.close());
  await store.close();
  await rm(folder, { recursive: true });
});

const at = (key: string) => `s3://${BUCKET}/${key}`;
const simple = (source: DatasetInput["source"]) =>
  datasetSchema.parse({
    name: "list",
    source,
    match: { email: { columns: "email" } },
    measures: { amount: {} },
  });
const check = (source: DatasetInput["source"]) =>
  checkDataset(simple(source), { measures: [], threshold: 11 }, { scratch: folder, threads: 1 });

async function failureOf(source: DatasetInput["source"]): Promise<InputError> {
  const error = await check(source).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((await readdir(folder)).filter((name) => name.startsWith("halfroom-prepare-"))).toEqual([]);
  expect((error as InputError).message).not.toContain("S3RVER");
  return error as InputError;
}

test("objects give the same people as files, whatever they hold", async () => {
  const prepare = async (source: DatasetInput["source"]) => {
    const dataset = datasetSchema.parse(definition(source));
    const { digest } = await preparePeople(dataset, REQUEST, { scratch: folder, threads: 1 });
    return Buffer.from(digest).toString("hex");
  };
  const expected = await prepare(sources["parquet"]!);
  point(store.variables);
  for (const source of [
    { parquet: at("all/*.parquet") },
    { ndjson: at("all/people.ndjson.gz") },
    { csv: at("parts") },
    { csv: [at("parts/1.CSV"), at("parts/**/2.csv.gz")] },
    { csv: [join(folder, "part-1.csv"), at("parts/deep/")] },
  ]) {
    expect(await prepare(source), JSON.stringify(source)).toBe(expected);
  }
});

test("what is passed over, and what is wrong with an object, is named as the store names it", async () => {
  point(store.variables);
  const { source } = await check({ csv: at("parts/") });
  expect(source).toMatchObject({ files: 2, passedOver: [at("parts/notes.txt")] });
  await store.put("bad/month=2026-01/x.csv", 'email,amount\na@example.com,1\n"b@example.com,1\n');
  expect((await failureOf({ csv: at("bad") })).message).toMatch(
    /^s3:\/\/crm-exports\/bad\/month=2026-01\/x\.csv, row 3: /,
  );
  expect((await failureOf({ parquet: at("long.csv") })).message).toMatch(
    /^s3:\/\/crm-exports\/long\.csv: the file is damaged/,
  );
  await store.put("good/month=2026-01/x.csv", "email,amount\na@example.com,1\n");
  const dataset = datasetSchema.parse({
    ...simple({ csv: at("good") }),
    source: { csv: at("good") },
    dimensions: { month: {} },
  });
  const request = { match: ["email"], measures: [], partitions: [["month"]] };
  const { partitions } = await preparePeople(dataset, request, { scratch: folder, threads: 1 });
  expect(partitions[0]!.labels).toEqual([["2026-01"]]);
});

test.each<[string, DatasetInput["source"], Record<string, string>, code: string, words: RegExp]>([
  ["no such object", { csv: at("none.csv") }, {}, "unreadable", /no such object/],
  ["a pattern without a match", { csv: at("all/*.CSV") }, {}, "nofiles", /Nothing matches/],
  ["a folder of other endings", { ndjson: at("parts") }, {}, "nofiles", /holds 3 files with other endings/],
  ["no such bucket", { csv: "s3://nobody/x.csv" }, {}, "store", /NoSuchBucket/],
  ["no bucket", { csv: "s3:///x.csv" }, {}, "unreadable", /s3:\/\/BUCKET\/KEY/],
  [
    "a stranger's key",
    { csv: at("long.csv") },
    { AWS_ACCESS_KEY_ID: "secret" },
    "credentials",
    /InvalidAccessKeyId: set AWS_ACCESS_KEY_ID/,
  ],
  [
    "no server",
    { csv: at("long.csv") },
    { AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    "store",
    /ECONNREFUSED: .*AWS_ENDPOINT_URL/,
  ],
])("%s is told with its remedy", async (_, source, variables, code, words) => {
  point({ ...store.variables, ...variables });
  const { message, code: found } = await failureOf(source);
  expect(message).toMatch(words);
  expect(found).toBe(code);
  expect(message).not.toContain("secret");
});

test("without credentials, or a region, the error says which variables to set", async () => {
  restore();
  const nowhere = join(folder, "none");
  point({
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
  });
  expect((await failureOf({ csv: at("long.csv") })).message).toMatch(/Set AWS_REGION/);
  point({ AWS_REGION: "eu-central-1" });
  expect((await failureOf({ csv: at("long.csv") })).message).toMatch(
    /CredentialsProviderError: set AWS_ACCESS_KEY_ID/,
  );
});

test("a transfer that is cut goes on where it stopped", async () => {
  const passed: number[] = [];
  const url = await cuttingServer(
    store.url,
    (line) => (line === 0 ? 600_000 : Infinity),
    servers as Server[],
    passed,
  );
  point({ ...store.variables, AWS_ENDPOINT_URL: url });
  expect(await check({ csv: at("long.csv") })).toMatchObject({ people: LONG.length, dropped: [] });
  expect(passed.length).toBe(2);
  expect(passed[1]).toBeLessThan(LONG_CSV.length - 300_000);
});

test("a transfer that is always cut is an error, not a short list", async () => {
  const passed: number[] = [];
  const url = await cuttingServer(store.url, () => 100_000, servers as Server[], passed);
  point({ ...store.variables, AWS_ENDPOINT_URL: url });
  expect(await failureOf({ csv: at("long.csv") })).toMatchObject({ code: "store", file: at("long.csv") });
  expect(passed.length).toBeLessThan(20);
});

/** Stands before the store and does something else with the answers to questions about one object. */
async function standIn(
  before: () => Promise<void>,
  answer: (body: Buffer, headers: IncomingMessage["headers"]) => Buffer,
): Promise<string> {
  const server = createServer((question, reply) => {
    const { hostname, port } = new URL(store.url);
    const { method, headers, url: path } = question;
    const ofObject = path!.includes("long.csv") && !path!.includes("prefix=");
    const forward = () =>
      question.pipe(
        request({ hostname, port, method, path, headers }, (found) => {
          const chunks: Buffer[] = [];
          found.on("data", (chunk: Buffer) => chunks.push(chunk));
          found.on("end", () => {
            const given = { ...found.headers };
            const body = ofObject ? answer(Buffer.concat(chunks), given) : Buffer.concat(chunks);
            delete given["content-length"];
            reply.writeHead(found.statusCode!, given);
            reply.end(body);
          });
        }),
      );
    void (ofObject ? before() : Promise.resolve()).then(forward);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an answer that ends early as if it were whole is an error, not a short list", async () => {
  const url = await standIn(
    async () => undefined,
    (body) => body.subarray(0, 1000),
  );
  point({ ...store.variables, AWS_ENDPOINT_URL: url });
  expect((await failureOf({ csv: at("long.csv") })).message).toMatch(
    /the store does not give it\. It ended early/,
  );
});

test("a store that does not know ranges gives it whole the second time", async () => {
  let times = 0;
  const url = await standIn(
    async () => undefined,
    (_, headers) => {
      delete headers["content-range"];
      return times++ === 0 ? Buffer.from(LONG_CSV.slice(0, 1000)) : Buffer.from(LONG_CSV);
    },
  );
  point({ ...store.variables, AWS_ENDPOINT_URL: url });
  expect(await check({ csv: at("long.csv") })).toMatchObject({ people: LONG.length, dropped: [] });
});

test("an object that changes after it was listed is told, not mixed", async () => {
  const url = await standIn(
    async () => store.put("long.csv", `${LONG_CSV}late@example.com,1\n`),
    (body) => body,
  );
  point({ ...store.variables, AWS_ENDPOINT_URL: url });
  expect(await failureOf({ csv: at("long.csv") })).toMatchObject({ code: "changed", file: at("long.csv") });
});

test.each([
  ["a/*.csv", ["a/1.csv", "a/.csv"], ["a/b/1.csv", "a/1.csv.gz", "A/1.csv"]],
  ["a/**/x?.csv", ["a/x1.csv", "a/b/c/x2.csv"], ["a/x.csv", "a/b/x12.csv"]],
  ["a/**", ["a/b", "a/b/c"], ["ab"]],
  ["day=[0-2][!0].csv", ["day=01.csv", "day=29.csv"], ["day=10.csv", "day=31.csv"]],
  ["a.b+(c)[", ["a.b+(c)["], ["aXb+(c)["]],
])("the pattern %s", (glob, matching, others) => {
  expect(matching.filter((key) => !globPattern(glob).test(key))).toEqual([]);
  expect(others.filter((key) => globPattern(glob).test(key))).toEqual([]);
});

test("an object whose name looks like a pattern is itself", () => {
  const keys = ["a[1].csv", "a1.csv"];
  expect(chosenKeys("csv", "s3://b/a[1].csv", "a[1].csv", keys).paths).toEqual(["a[1].csv"]);
});
