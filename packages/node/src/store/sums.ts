// Sums over all rows of a table, kept by triggers: one step of the store's tables (schema.ts), and like all of them never edited.

const LEDGER_GROUP = ["partner_key", "population", "mode", "pure"];
const LEDGER_SUMS = {
  sessions: (_row: string) => "1",
  seconds: (row: string) => `${row}.taken_at / 1000`,
  micro_epsilon: (row: string) => `${row}.micro_epsilon`,
  giga: (row: string) => `CAST(${row}.pico_rho AS INTEGER) / 1000000000`,
  rest: (row: string) => `CAST(${row}.pico_rho AS INTEGER) % 1000000000`,
  numbers: (row: string) => `${row}.numbers`,
  bits: (row: string) => `${row}.bits`,
};
const EVALUATION_GROUP = ["partner_key", "epoch"];
const EVALUATION_SUMS = {
  sessions: (_row: string) => "1",
  granted: (row: string) => `${row}.evaluations`,
};

/** Sums of a table's rows by group, which SQLite itself keeps up to date, so that nothing has to read all rows. */
function sumsOf(
  table: string,
  group: readonly string[],
  sums: Readonly<Record<string, (row: string) => string>>,
  watched: readonly string[],
): string {
  const names = Object.keys(sums);
  const isOf = (row: string) => group.map((column) => `${column} = ${row}.${column}`).join(" AND ");
  const add = (row: string, sign: "+" | "-") => `
    INSERT INTO ${table}_sum (${group.join(", ")}) SELECT ${group.map((column) => `${row}.${column}`).join(", ")}
      WHERE NOT EXISTS (SELECT 1 FROM ${table}_sum WHERE ${isOf(row)});
    UPDATE ${table}_sum SET ${names.map((name) => `${name} = ${name} ${sign} (${sums[name]!(row)})`).join(", ")}
      WHERE ${isOf(row)};`;
  return `
  CREATE TABLE ${table}_sum (
    ${group.map((column) => `${column} ANY NOT NULL`).join(", ")},
    ${names.map((name) => `${name} INTEGER NOT NULL DEFAULT 0`).join(", ")},
    PRIMARY KEY (${group.join(", ")})
  ) STRICT, WITHOUT ROWID;
  INSERT INTO ${table}_sum (${[...group, ...names].join(", ")})
    SELECT ${group.join(", ")}, ${names.map((name) => `sum(${sums[name]!("t")})`).join(", ")} FROM ${table} t GROUP BY ${group.join(", ")};
  CREATE TRIGGER ${table}_added AFTER INSERT ON ${table} BEGIN ${add("new", "+")} END;
  CREATE TRIGGER ${table}_removed AFTER DELETE ON ${table} BEGIN ${add("old", "-")} END;
  CREATE TRIGGER ${table}_changed AFTER UPDATE OF ${watched.join(", ")} ON ${table} BEGIN ${add("old", "-")} ${add("new", "+")} END;`;
}

/** What is counted over all rows of the ledger, and over all evaluations. */
export const SUMS =
  sumsOf("ledger", LEDGER_GROUP, LEDGER_SUMS, [
    ...LEDGER_GROUP,
    "taken_at",
    "micro_epsilon",
    "pico_rho",
    "numbers",
    "bits",
  ]) + sumsOf("evaluation", EVALUATION_GROUP, EVALUATION_SUMS, [...EVALUATION_GROUP, "evaluations"]);
