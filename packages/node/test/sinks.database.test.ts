// Reports in tables of real servers (test/database).
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection } from "mysql2";
import pg from "pg";
import { releasedLines, parseReport } from "@halfroom/report";
import { describe, expect, onTestFinished, test } from "vitest";
import { deliverEvents, sendReport, testTarget } from "../src/api/events.ts";
import { handleOf } from "../src/api/node.ts";
import { listReports } from "../src/api/reports.ts";
import { databaseSink } from "../src/sinks/database.ts";
import { delivery } from "./killed-delivery.ts";
import { twoNodes } from "./two-nodes.ts";

interface Server {
  readonly kind: "postgres" | "mysql";
  readonly variable: string;
  /** Rows, every value as text. */
  ask(sql: string): Promise<Record<string, string | null>[]>;
}

const text = (value: unknown): string | null =>
  value === null ? null : typeof value === "string" ? value : JSON.stringify(value);

const GENEROUS = { epsilon: 50, budget: 500, threshold: 20 };

const SERVERS: readonly Server[] = [
  {
    kind: "postgres",
    variable: "HALFROOM_TEST_POSTGRES",
    async ask(sql) {
      const client = new pg.Client({ connectionString: process.env["HALFROOM_TEST_POSTGRES"] });
      await client.connect();
      try {
        const { rows } = await client.query<Record<string, unknown>>(sql);
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])),
        );
      } finally {
        await client.end();
      }
    },
  },
  {
    kind: "mysql",
    variable: "HALFROOM_TEST_MYSQL",
    async ask(sql) {
      const connection = createConnection({
        uri: process.env["HALFROOM_TEST_MYSQL"]!,
        dateStrings: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
      });
      try {
        const rows = await new Promise<unknown>((resolve, reject) =>
          connection.query(sql, (error, found) => (error === null ? resolve(found) : reject(error))),
        );
        return (Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []).map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])),
        );
      } finally {
        connection.end();
      }
    },
  },
];

describe.each(SERVERS)("$kind", ({ kind, variable, ask }) => {
  const place = { urlVariable: variable };
  const newTable = () => {
    const table = `results_${randomBytes(4).toString("hex")}`;
    onTestFinished(async () => void (await ask(`drop table if exists ${table}`)));
    return table;
  };

  test("a report is a session's lines in a table that is made for it, exact to the last digit, and written twice it is there once", async () => {
    const table = newTable();
    const { advertiser, run } = await twoNodes({
      advertiser: { policy: GENEROUS, settings: { sinks: { warehouse: { [kind]: place, table } } } },
      publisher: { policy: GENEROUS },
    });
    const handle = handleOf(advertiser);
    expect(await testTarget(handle, "warehouse")).not.toHaveProperty("failure");
    const first = await run();
    expect(await deliverEvents(handle)).toMatchObject([{ target: "warehouse", outcome: "delivered" }]);
    const all = `select * from ${table} where session = '${first.session}' order by line`;
    const rows = await ask(all);
    const { report } = parseReport(first.json);
    const expected = releasedLines(report);
    expect(rows).toHaveLength(expected.length);
    for (const [i, { partition, row, labels, column, number, status, found }] of expected.entries()) {
      const kept = rows[i]!;
      expect(kept).toMatchObject({
        session: first.session,
        line: String(i + 1),
        partner: "publisher",
        report: "sums",
        partition_number: partition === undefined ? null : String(partition),
        place: row,
        measure: column,
        number,
        status,
        known: found?.known ?? null,
        threshold: "20",
        noise: "none",
        epsilon: null,
      });
      expect(JSON.parse(kept["labels"]!)).toEqual(labels);
      for (const [name, value] of [
        ["value", found?.value],
        ["low", found?.low],
        ["high", found?.high],
      ] as const)
        expect(kept[name] === null ? "" : plain(kept[name]!), `${name} of line ${i + 1}`).toBe(
          plain(value ?? ""),
        );
    }
    const made = report.origin!.made.toISOString();
    expect(
      kind === "mysql" ? `${rows[0]!["made_at"]!.replace(" ", "T")}Z` : JSON.parse(rows[0]!["made_at"]!),
    ).toBe(made);

    await sendReport(handle, first.session, "warehouse");
    await run();
    await deliverEvents(handle);
    expect(await ask(all)).toEqual(rows);
    // Another report is beside it.
    const other = await run("epsilon: 50");
    await deliverEvents(handle);
    expect(await ask(all)).toEqual(rows);
    const [noisy] = await ask(
      `select noise, epsilon, low, value, high from ${table} where session = '${other.session}' and known = 'interval'`,
    );
    if (noisy !== undefined) expect(noisy).toMatchObject({ noise: "laplace" });
    expect(await ask(`select count(distinct session) as sessions from ${table}`)).toEqual([
      { sessions: "2" },
    ]);
  });

  test("a process that is killed when the lines are there, and the node does not know, leaves a table that has them once after the next", async () => {
    const table = newTable();
    const clock = { now: Date.now() };
    const { advertiser, run } = await twoNodes({
      advertiser: {
        clock: () => clock.now,
        policy: GENEROUS,
        settings: { sinks: { warehouse: { [kind]: place, table } } },
      },
      publisher: { policy: GENEROUS },
    });
    const handle = handleOf(advertiser);
    const { json } = await run();
    const expected = releasedLines(parseReport(json).report).length;
    const counted = async () =>
      (await ask(`select count(*) as written, count(distinct line) as numbers from ${table}`))[0];
    expect((await delivery(advertiser.folder.path, "settle").ended)[1]).toBe("SIGKILL");
    const once = { written: String(expected), numbers: String(expected) };
    expect(await counted()).toEqual(once);
    // By the clock of the process that was killed.
    clock.now = Date.now() + 61_000;
    expect(await deliverEvents(handle)).toMatchObject([{ outcome: "delivered", attempts: 2 }]);
    expect(await counted()).toEqual(once);
  });

  test.runIf(kind === "postgres")(
    "a process that is killed while it writes the lines leaves none of them, and the next writes each once",
    async () => {
      const table = newTable();
      const clock = { now: Date.now() };
      const { advertiser, run } = await twoNodes({
        advertiser: {
          clock: () => clock.now,
          policy: GENEROUS,
          settings: { sinks: { warehouse: { [kind]: place, table } } },
        },
        publisher: { policy: GENEROUS },
      });
      const handle = handleOf(advertiser);
      // The table is there from the first report on.
      await run();
      await deliverEvents(handle);
      const { session, json } = await run("epsilon: 50");
      const lines = releasedLines(parseReport(json).report).length;
      const client = new pg.Client({ connectionString: process.env["HALFROOM_TEST_POSTGRES"] });
      await client.connect();
      onTestFinished(() => client.end());
      // Somebody else is about to write the last line: whoever writes all waits there, with the others written.
      await client.query("begin");
      await client.query(
        `insert into ${table} select '${session}', ${lines}, partner, report, partition_number, place, labels, measure, number, detail, status, known, value,
         standard_error, low, high, threshold, noise, epsilon, made_at from ${table} limit 1`,
      );
      const { child, ended } = delivery(advertiser.folder.path, "never");
      const waiting = async () =>
        (
          await ask(
            "select 1 as one from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into%'",
          )
        ).length;
      await expect.poll(waiting, { timeout: 600_000 }).toBe(1);
      child.kill("SIGKILL");
      expect((await ended)[1]).toBe("SIGKILL");
      await client.query("rollback");
      const written = async () =>
        Number(
          (await ask(`select count(*) as written from ${table} where session = '${session}'`))[0]!["written"],
        );
      await expect.poll(waiting, { timeout: 600_000 }).toBe(0);
      expect(await written()).toBe(0);
      // By the clock of the process that was killed.
      clock.now = Date.now() + 61_000;
      expect(await deliverEvents(handle)).toMatchObject([{ outcome: "delivered", attempts: 2 }]);
      expect(await written()).toBe(lines);
    },
  );

  test("two that write one report at once leave it there once", async () => {
    const table = newTable();
    const sink = databaseSink({ path: "/" }, "warehouse", { [kind]: place, table, send: "every" });
    const line = (i: number) => ({
      session: "0f",
      line: i + 1,
      partner: "a\"b'c\\ö",
      report: "sums",
      partition_number: 1,
      place: "cell",
      labels: JSON.stringify({ campaign: "spr'ing\\" }),
      measure: "revenue",
      number: "sum",
      detail: "",
      status: "opened",
      known: "exact",
      value: "-4611686018427387903.123456789",
      standard_error: null,
      low: null,
      high: null,
      threshold: 11,
      noise: "none",
      epsilon: null,
      made_at: "2026-11-30T12:00:00.123Z",
    });
    // More than one statement takes.
    const lines = Array.from({ length: 450 }, (_, i) => line(i));
    await sink.write("0f", lines.slice(0, 3));
    await Promise.allSettled([sink.write("0f", lines), sink.write("0f", lines)]);
    await sink.write("0f", lines);
    const rows = await ask(`select line, value, labels, partner from ${table} order by line`);
    expect(rows.map((row) => row["line"])).toEqual(lines.map(({ line: number }) => String(number)));
    expect(plain(rows[449]!["value"]!)).toBe("-4611686018427387903.123456789");
    expect(rows[0]).toMatchObject({ partner: "a\"b'c\\ö" });
    expect(JSON.parse(rows[0]!["labels"]!)).toEqual({ campaign: "spr'ing\\" });
  });

  test("a table of somebody else is left as it is, and a failing write leaves the lines of before", async () => {
    const table = newTable();
    await ask(`create table ${table} (session varchar(64), line integer, hers integer)`);
    const sink = databaseSink({ path: "/" }, "warehouse", { [kind]: place, table, send: "every" });
    await expect(sink.check()).rejects.toThrow(/^the table results_\w+ lacks the columns partner, report,/);
    await expect(sink.write("0f", [])).rejects.toThrow("lacks the columns");
    expect(await ask(`select count(*) as many from ${table}`)).toEqual([{ many: "0" }]);
    await ask(`drop table ${table}`);
    const good = {
      session: "0f",
      line: 1,
      partner: "p",
      report: "sums",
      partition_number: null,
      place: "cell",
      labels: "{}",
      measure: "people",
      number: "people",
      detail: "",
      status: "opened",
      known: null,
      value: "1",
      standard_error: null,
      low: null,
      high: null,
      threshold: 11,
      noise: "none",
      epsilon: null,
      made_at: null,
    };
    await sink.write("0f", [good]);
    await expect(sink.write("0f", [{ ...good, value: "2" }, good])).rejects.toThrow(/^the database says /);
    expect((await ask(`select value from ${table}`)).map((row) => plain(row["value"]!))).toEqual(["1"]);
  });

  test("an account without rights, and a server that is not there, are told in words without the password", async () => {
    const table = newTable();
    const { advertiser, run } = await twoNodes({
      advertiser: {
        settings: { sinks: { warehouse: { [kind]: { urlFile: "warehouse.url" }, table } } },
      },
    });
    const handle = handleOf(advertiser);
    const url = new URL(process.env[variable]!);
    const write = () =>
      writeFileSync(join(advertiser.folder.path, "warehouse.url"), url.href, { mode: 0o600 });
    url.port = "1";
    write();
    await run();
    await deliverEvents(handle);
    const [{ sent = [] } = {}] = await listReports(handle);
    expect(sent).toMatchObject([{ state: "waiting", words: expect.stringContaining("ECONNREFUSED") }]);
    expect(sent[0]!.words).not.toContain(url.password);

    const user = `reader_${randomBytes(3).toString("hex")}`;
    const password = randomBytes(8).toString("hex");
    if (kind === "postgres") {
      await ask(`create role ${user} login password '${password}'`);
      await ask(`create table ${table} (session text)`);
      onTestFinished(async () => void (await ask(`drop role ${user}`)));
    } else {
      await ask(`create user ${user}@'%' identified by '${password}'`);
      await ask(`create table ${table} (session varchar(64))`);
      onTestFinished(async () => void (await ask(`drop user ${user}@'%'`)));
    }
    const right = new URL(process.env[variable]!);
    [url.port, url.username, url.password] = [right.port, user, password];
    write();
    const { failure = "" } = await testTarget(handle, "warehouse");
    expect(failure).toMatch(/may not read the table|credentials|access|rights/i);
    expect(failure).not.toContain(password);
  });
});

/** Without zeros that say nothing, which servers add. */
function plain(number: string): string {
  return number.includes(".") ? number.replace(/0+$/, "").replace(/\.$/, "") : number;
}
