// Broken data of real lists, through a node's command line: errors name the file, row, field and remedy, but never a value;
// the exit code is 2; nothing unfinished is left behind, on this side or at the partner.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeParquet } from "@halfroom/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowAll, cellsOf, EXPECTED, openPair, type Pair } from "./pair.ts";
import { Site, type Run, type Running } from "./site.ts";

const GOOD = "email,revenue\na@b.cd,1.50\nb@b.cd,2\n";
const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));

interface Fault {
  readonly content: string | Buffer;
  readonly ending?: string;
  /** What the message says besides the file's path. */
  readonly says: readonly RegExp[];
}

const FAULTS: Record<string, Fault> = {
  "unbalanced-quotes": {
    content: 'email,revenue\na@b.cd,1\n"secret,2\n',
    says: [/row 3/, /double quotes/, /quoted whole/],
  },
  "field-of-10-MB": {
    content: `email,revenue\na@b.cd,"${"secret".repeat(1_700_000)}"\n`,
    says: [/row 2/, /longer than 1 MiB/, /closing quote/],
  },
  "nul-bytes": {
    content: bytes("email,revenue\na@b.cd,1\nsecret", 0, "@b.cd,2\n"),
    says: [/row 3/, /NUL byte/, /UTF-8/],
  },
  "missing-column": {
    content: "mail,revenue\nsecret@b.cd,2\n",
    says: [/column "email"/, /no such column/, /There are "mail", "revenue"/],
  },
  "header-column-twice": {
    content: "email,revenue,email\nsecret@b.cd,2,x\n",
    says: [/column "email"/, /more than once/, /Rename or remove/],
  },
  "a-field-too-many": {
    content: "email,revenue\nsecret@b.cd,2,3\n",
    says: [/row 2/, /as many fields as the header/, /It has 3, the header 2/],
  },
  "no-header": { content: "", says: [/nothing in it/, /should have written it/] },
  "cut-gzip": {
    content: gzipSync(GOOD.repeat(1000)).subarray(0, -9),
    ending: "csv.gz",
    says: [/damaged or cut short/, /copy it again/],
  },
  "half-a-line": {
    content: '{"email":"a@b.cd","revenue":1}\n{"email":"secret',
    ending: "ndjson",
    says: [/row 2/, /not one JSON object/, /jq -c/],
  },
};

let site: Site;
let scratch: string;
beforeAll(async () => {
  site = await Site.open();
  scratch = join(site.folder, "scratch");
  mkdirSync(scratch);
});
afterAll(() => site.close());

/** What a run leaves in the folder for scratch files. */
const left = () => readdirSync(scratch).filter((name) => name.startsWith("halfroom"));

/** `dataset check` of one dataset with these settings. */
function check(name: string, definition: object, ...args: string[]): Promise<Run> {
  const env = { TMPDIR: scratch, HALFROOM_DATASETS: JSON.stringify({ [name]: definition }) };
  return site.start(["dataset", "check", name, ...args], env).ended;
}

const ofFile = (kind: string, file: string) => ({
  source: { [kind]: file },
  match: { email: { columns: "email" } },
  measures: { revenue: {} },
});

function expectFault({ exitCode, stdout, stderr }: Run, says: readonly RegExp[], file: string): void {
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(file);
  for (const words of says) expect(stderr).toMatch(words);
  expect(stderr).not.toContain("secret");
  expect(stderr.split("\n").length).toBeLessThan(3);
  expect(left()).toEqual([]);
}

test.each(Object.keys(FAULTS))("`dataset check` says what is wrong with %s", async (name) => {
  const { content, ending = "csv", says } = FAULTS[name]!;
  const file = join(site.folder, `${name}.${ending}`);
  writeFileSync(file, content);
  const kind = ending.replace(".gz", "");
  expectFault(await check(name, ofFile(kind, file)), says, file);
});

test("`dataset check` says that a Parquet file is cut short", async () => {
  const path = join(site.folder, "whole.parquet");
  await writeParquet(path, "select 'p' || i || '@b.cd' as email, i as revenue from range(500) r(i)");
  const file = join(site.folder, "short.parquet");
  writeFileSync(file, readFileSync(path).subarray(0, -100));
  expectFault(
    await check("short", ofFile("parquet", file)),
    [/damaged or cut short/, /not a complete Parquet file/],
    file,
  );
});

test("a byte order mark and CRLF are no faults; a second header and wrong types are rows that drop, by number", async () => {
  const file = site.write("mess.csv", `\ufeff${GOOD}email,revenue\nc@b.cd,secret\n`.replaceAll("\n", "\r\n"));
  const { exitCode, stdout, stderr } = await check("mess", ofFile("csv", file), "--json");
  expect(exitCode, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 4,
    people: 2,
    dropped: [
      { reason: "email: invalid", rows: 1, examples: [{ file, row: 4 }] },
      { reason: "revenue: not a decimal number", rows: 1, examples: [{ file, row: 5 }] },
    ],
  });
  expect(stdout).not.toContain("secret");
  const shown = await check("mess", ofFile("csv", file));
  expect(shown.stdout).toMatch(/4 rows, 2 people/);
  expect(shown.stdout).toMatch(/email: invalid +│ +1 │ .*mess\.csv 4/);
  expect(left()).toEqual([]);
});

test("a database that nobody answers for, and credentials that are not there, are said too", async () => {
  const ofQuery = (address: object) => ({
    source: { postgres: { ...address, query: "select 1 as email" } },
    match: { email: { columns: "email" } },
  });
  const gone = await check("gone", ofQuery({ url: "postgres://reader@127.0.0.1:1/crm" }));
  expectFault(
    gone,
    [/connection to the database failed/, /ECONNREFUSED/, /check the address/],
    "dataset gone",
  );
  const unset = await check("unset", ofQuery({ urlVariable: "NO_SUCH_URL" }));
  expectFault(
    unset,
    [/address or credentials cannot be read/, /environment variable NO_SUCH_URL/],
    "dataset unset",
  );
});

describe("a report over such data", () => {
  let pair: Pair;
  let serving: Running[];
  let purchases: string;
  beforeAll(async () => {
    pair = await openPair();
    allowAll(pair);
    purchases = readFileSync(join(pair.advertiser.folder, "purchases.csv"), "utf8");
    serving = await Promise.all([pair.advertiser.serve(), pair.publisher.serve()]);
  });
  afterAll(async () => {
    await Promise.all(serving.map((running) => running.kill()));
    await pair.close();
  });

  test.each(["unbalanced-quotes", "missing-column"])("ends with 2 for %s", async (name) => {
    const file = pair.advertiser.write("purchases.csv", String(FAULTS[name]!.content));
    const running = pair.advertiser.start(["run", "roi.yaml", "--progress", "none"], { TMPDIR: scratch });
    expectFault(await running.ended, FAULTS[name]!.says, file);
  });

  test("of the partner's data it says nothing, and the partner's log names the row", async () => {
    pair.advertiser.write("purchases.csv", purchases);
    const exposures = readFileSync(join(pair.publisher.folder, "exposures.csv"), "utf8");
    pair.publisher.write("exposures.csv", 'email,campaign,age_band\n"secret,spring,1\n');
    const { exitCode, stderr } = await pair.advertiser.run("run", "roi.yaml");
    expect(exitCode, stderr).toBe(3);
    expect(stderr).not.toMatch(/exposures\.csv|row \d|secret/);
    await serving[1]!.seen((line) => /exposures\.csv, row 2/.test(line));
    pair.publisher.write("exposures.csv", exposures);
  });

  test("has spent and stored nothing, and no session is left running", async () => {
    for (const each of [pair.advertiser, pair.publisher]) {
      expect(await each.ledger()).toEqual([]);
      expect(await each.ok("reports", "--json")).toBe("[]\n");
      expect(new Set((await each.sessions()).map(({ state }) => state))).toEqual(new Set(["failed"]));
    }
  });

  test("runs once the data is mended", async () => {
    const json = await pair.advertiser.ok("run", "roi.yaml", "--json");
    expect(cellsOf(json)).toEqual(EXPECTED);
  });
});
