// Cases 17, 18 and 19: what PostgreSQL's own programs take and give, against a real server (test/database/postgres.ts).
import { existsSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import pg from "pg";
import { datasetSchema, preparePeople, type InputError } from "@halfroom/prepare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { caseFiles, lines, lost, type Bounds, type Definition } from "./sources.ts";

const VARIABLE = "HALFROOM_TEST_POSTGRES";
const { write, check } = caseFiles();
const query = (sql: string) => ({ postgres: { urlVariable: VARIABLE, query: sql } });
const EMAIL = { match: { email: { columns: "email" } } } satisfies Definition;
const AMOUNT: Bounds = [{ name: "amount", low: 0n, high: 1_000_000n, decimals: 2 }];

/** One person a value; `values` are SQL. */
function listOf(column: string, type: string, values: readonly string[]): string {
  const rows = values.map((value, i) => `('p${i}@example.com', ${value}::${type})`);
  return `select * from (values ${rows.join(", ")}) v(email, ${column})`;
}

async function failureOf(work: Promise<unknown>): Promise<InputError> {
  return await work.then(
    () => expect.unreachable("it has to fail"),
    (error: unknown) => error as InputError,
  );
}

describe("case 17: NaN and infinity", () => {
  test.each(["numeric(10, 2)", "numeric", "real", "double precision"])("NaN in %s is NULL", async (type) => {
    const definition: Definition = { ...EMAIL, measures: { amount: {} } };
    const csv = await write("null.csv", lines(["email,amount", "p0@example.com,12.50", "p1@example.com,"]));
    const clean = await check({ csv }, definition, AMOUNT);
    const sql = listOf("amount", type, ["12.50", "'NaN'"]);
    const found = await check(query(sql), definition, AMOUNT);
    expect(found).toMatchObject({ people: 2, dropped: [], digest: clean.digest });
    const strict = await check(query(sql), { ...EMAIL, measures: { amount: { null: "drop" } } }, AMOUNT);
    expect(lost(strict)).toEqual({ "amount: empty": 1 });
  });

  test.each(["numeric", "real", "double precision"])(
    "infinity in %s is no amount, and costs its own row",
    async (type) => {
      const sql = listOf("amount", type, ["12.50", "'Infinity'", "'-Infinity'"]);
      const found = await check(query(sql), { ...EMAIL, measures: { amount: {} } }, AMOUNT);
      expect(found.people).toBe(1);
      expect(Object.entries(lost(found))).toEqual([[expect.stringMatching(/^amount: /), 2]]);
    },
  );

  test.each([
    ["date", ["'2026-03-04'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'"]],
    [
      "timestamp",
      ["'2026-03-04 10:00'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'294276-12-31 23:59:59'"],
    ],
    [
      "timestamptz",
      ["'2026-03-04 10:00'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'294276-12-31 23:59:59'"],
    ],
  ])("what is no day of our time in %s is no date", async (type, values) => {
    const definition: Definition = {
      ...EMAIL,
      dimensions: { month: { column: "sold_on", derive: "month" } },
    };
    const found = await check(query(listOf("sold_on", type, values)), definition);
    expect(found.people).toBe(1);
    expect(lost(found)).toEqual({ "month: not a date": 4 });
  });
});

describe("case 18: a query as an editor has it", () => {
  const ONE = "select 'a@example.com' as email";
  test("ends in a semicolon, and what does not end there stays", async () => {
    const sql = `select 'a@example.com' as email where ';' || ' -- x' = '; -- x'; -- and that was it; for now`;
    expect(await check(query(sql), EMAIL)).toMatchObject({ people: 1, dropped: [] });
  });

  test.each([[`${ONE}; ${ONE};`], [`${ONE};;`], [";"]])("%s stays an error", async (sql) => {
    const { message } = await failureOf(check(query(sql), EMAIL));
    expect(message).toMatch(/SQLSTATE 42601: .*It has to be one SELECT\./);
  });

  test("a time limit of the server is told as the query's", async () => {
    const url = addressWith({ options: "-c statement_timeout=50" });
    const slow = check({ postgres: { ...url, query: "select pg_sleep(60)::text as email" } }, EMAIL);
    const error = await failureOf(slow);
    expect(error.code).toBe("query");
    expect(error.message).toMatch(/57014: the server's time limit \(statement_timeout\)/);
  });
});

const OTHER = "HALFROOM_TEST_POSTGRES_OTHER";

/** The test server's address with parameters, and another host. */
function addressWith(parameters: Record<string, string>, host?: string): { urlVariable: string } {
  const url = new URL(process.env[VARIABLE]!);
  if (host !== undefined) url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  process.env[OTHER] = url.href.replaceAll("+", "%20");
  return { urlVariable: OTHER };
}

describe("case 19: addresses as libpq takes them", () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  let sockets = "";
  let server: URL;
  beforeAll(async () => {
    process.on("warning", onWarning);
    server = new URL(process.env[VARIABLE]!);
    const client = new pg.Client({ connectionString: server.href });
    await client.connect();
    const { rows } = await client.query("show unix_socket_directories");
    sockets = String(rows[0].unix_socket_directories).split(",")[0]!.trim();
    await client.end();
  });
  afterAll(() => {
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  /** How the server was reached: TLS, TCP, or a socket of this machine. */
  async function lineOf(address: { url: string } | { urlVariable: string }): Promise<string> {
    const sql = `select current_user || '@example.com' as email, case when inet_client_addr() is null then 'socket'
      when (select ssl from pg_stat_ssl where pid = pg_backend_pid()) then 'TLS' else 'TCP' end as line`;
    const source = { postgres: { ...address, query: sql } };
    const dataset = datasetSchema.parse({ name: "list", source, ...EMAIL, dimensions: { line: {} } });
    const request = { match: ["email"], measures: [], partitions: [["line"]] };
    const { partitions } = await preparePeople(dataset, request, { scratch: tmpdir(), threads: 1 });
    return partitions[0]!.labels[0]![0]!;
  }

  /** What the environment says while `work` runs. */
  async function withVariables<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      return await work();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  }

  test("a socket's folder as host, as parameter, encoded, and from PGHOST", async () => {
    const { port, username, password } = server;
    await withVariables({ PGPORT: port, PGPASSWORD: password }, async () => {
      const encoded = sockets.replaceAll("/", "%2F");
      for (const url of [
        `postgres://${username}@/postgres?host=${sockets}`,
        `postgresql:///postgres?host=${encoded}&user=${username}`,
        `postgres://${username}@${encoded}/postgres`,
      ]) {
        expect(await lineOf({ url }), url).toBe("socket");
      }
      await withVariables({ PGHOST: sockets, PGUSER: username }, async () => {
        expect(await lineOf({ url: "postgres:///postgres" })).toBe("socket");
      });
    });
  });

  test("without a host the socket where servers put theirs, if there is one", async () => {
    const { port, username, password } = server;
    const usual = `/tmp/.s.PGSQL.${port}`;
    if (existsSync(usual)) return;
    symlinkSync(`${sockets}/.s.PGSQL.${port}`, usual);
    const url = `postgres://${username}@/postgres`;
    try {
      await withVariables({ PGPORT: port, PGPASSWORD: password }, async () =>
        expect(await lineOf({ url })).toBe("socket"),
      );
    } finally {
      await rm(usual);
    }
    await withVariables({ PGPORT: port, PGPASSWORD: password }, async () =>
      expect(await lineOf({ url })).toBe("TLS"),
    );
  });

  test("the password file, which others may not read, and its absence in words", async () => {
    const url = `postgres://${server.username}@127.0.0.1:${server.port}/postgres`;
    const file = await write("pgpass", `*:*:*:${server.username}:${server.password}\n`);
    await withVariables({ PGPASSFILE: file }, async () => {
      const { message, code } = await failureOf(lineOf({ url }));
      expect(code).toBe("credentials");
      expect(message).toMatch(/asks for a password: .*PGPASSFILE \(mode 600\)/);
      await rm(file);
      await write("pgpass", `*:*:*:${server.username}:${server.password}\n`, 0o600);
      expect(await lineOf({ url })).toBe("TLS");
    });
  });

  const CA = process.env["HALFROOM_TEST_POSTGRES_CA"] ?? "";
  test.skipIf(CA === "").each<[string, Record<string, string>, host: string, line: string]>([
    ["nothing", {}, "127.0.0.1", "TLS"],
    ["disable", { sslmode: "disable" }, "127.0.0.1", "TCP"],
    ["allow", { sslmode: "allow" }, "127.0.0.1", "TCP"],
    ["prefer", { sslmode: "prefer" }, "127.0.0.1", "TLS"],
    ["require", { sslmode: "require" }, "127.0.0.1", "TLS"],
    ["as JDBC writes it", { ssl: "true" }, "127.0.0.1", "TLS"],
    ["require, with the authority", { sslmode: "require", sslrootcert: CA }, "127.0.0.1", "TLS"],
    ["verify-ca", { sslmode: "verify-ca", sslrootcert: CA }, "127.0.0.1", "TLS"],
    ["verify-full", { sslmode: "verify-full", sslrootcert: CA }, "localhost", "TLS"],
  ])("sslmode %s means what it means in libpq", async (_, parameters, host, line) => {
    expect(await lineOf(addressWith(parameters, host))).toBe(line);
  });

  test.skipIf(CA === "").each<[string, Record<string, string>, RegExp]>([
    [
      "an authority that nobody knows",
      { sslmode: "verify-full" },
      /SELF_SIGNED_CERT\): name the file .*sslrootcert=\/path\/ca\.pem/,
    ],
    [
      "another name",
      { sslmode: "verify-full", sslrootcert: CA },
      /for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    ],
    [
      "verify-ca without an authority",
      { sslmode: "verify-ca" },
      /name the file with the authority's certificate, sslrootcert=/,
    ],
    [
      "a file that is not there",
      { sslmode: "verify-ca", sslrootcert: "/none/ca.pem" },
      /\/none\/ca\.pem: .*Check its path/,
    ],
    [
      "no mode",
      { sslmode: "no-verify" },
      /sslmode is none of disable, allow, prefer, require, verify-ca, verify-full/,
    ],
    [
      "a parameter that would have to be kept",
      { channel_binding: "require" },
      /parameter channel_binding .*leave it out/,
    ],
    ["another one", { secret: "secret" }, /A parameter of the URL is none that can be followed/],
    ["several hosts", { host: "127.0.0.1,127.0.0.2" }, /Name one host/],
  ])("%s is told with its remedy, and without the password", async (_, parameters, words) => {
    const { message } = await failureOf(lineOf(addressWith(parameters)));
    expect(message).toMatch(words);
    expect(message).not.toContain(server.password);
    expect(message).not.toContain("secret");
  });

  test("a definition takes what libpq takes, without a password", () => {
    const parse = (url: string) =>
      datasetSchema.safeParse({ name: "d", source: { postgres: { url, query: "select 1" } }, ...EMAIL })
        .success;
    const sound = [
      "postgres://me@/crm?host=/var/run/postgresql",
      "postgres:///crm",
      "postgres://me@%2Frun%2Fpg/crm",
    ];
    for (const url of [...sound, "postgresql://", "postgres://[::1]:5433/crm"])
      expect(parse(url), url).toBe(true);
    for (const url of ["postgres://me:x@/crm", "postgres:///crm?password=x", "crm"])
      expect(parse(url), url).toBe(false);
  });
});
