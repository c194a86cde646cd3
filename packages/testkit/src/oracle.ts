// The plain-SQL join that every result is compared with: DuckDB on the same two files, sharing no code with prepare.
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";

export interface OracleQuery {
  /** Clip bounds are scaled by 10^decimals. */
  readonly measures: readonly { name: string; low: bigint; high: bigint; decimals: number }[];
  readonly groupBy: readonly string[];
}

export interface OracleCell {
  labels: string[];
  /** The receiver's people, matched or not. */
  base: bigint;
  /** The people that both sides have. */
  people: bigint;
  /** One sum for each measure, scaled by 10^decimals. */
  sums: bigint[];
  /** For each measure, how many of `people` have a value other than zero after clipping. */
  contributors: bigint[];
}

export interface OracleJoin {
  readonly senderPeople: bigint;
  readonly receiverPeople: bigint;
  /** Every cell of the receiver, sorted by its labels in UTF-16 code units. */
  readonly cells: readonly OracleCell[];
}

/** Joins two CSV files in the clear. Every intermediate sum is exact up to HUGEINT, 38 digits. */
export async function plainJoin(
  senderFile: string,
  receiverFile: string,
  query: OracleQuery,
): Promise<OracleJoin> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await connection.run(senderTable(senderFile, query));
    await connection.run(receiverTable(receiverFile, query));
    return {
      senderPeople: await rowCount(connection, "sender"),
      receiverPeople: await rowCount(connection, "receiver"),
      cells: await joinedCells(connection, query),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function senderTable(file: string, { measures }: OracleQuery): string {
  const scaled = measures.map(
    (measure, m) => `${scaledCell(column(measure.name), measure.decimals)} as v${m}`,
  );
  const clipped = measures.map(
    ({ low, high }, m) =>
      `greatest(least(coalesce(sum(v${m}), 0), ${hugeint(high)}), ${hugeint(low)})::hugeint as v${m}`,
  );
  const wellFormed = measures.map((measure) => isScalable(column(measure.name), measure.decimals));
  return `create table sender as
    with good as (${goodRows(file, wellFormed)}),
    scaled as (${select(["email", ...scaled])} from good)
    ${select(["email", ...clipped])} from scaled group by email`;
}

/** `min_by` of the row number is the first row's value. */
function receiverTable(file: string, { groupBy }: OracleQuery): string {
  const first = groupBy.map((name, g) => `min_by(coalesce(${column(name)}, ''), line) as g${g}`);
  return `create table receiver as
    with good as (${goodRows(file, [])})
    ${select(["email", ...first])} from good group by email`;
}

/** One row of either table is one person. */
async function rowCount(connection: DuckDBConnection, table: string): Promise<bigint> {
  const reader = await connection.runAndReadAll(`select count(*) from ${table}`);
  return reader.getRows()[0]![0] as bigint;
}

/** Labels travel as bytes: the driver's text decoder would swallow a leading U+FEFF. */
async function joinedCells(
  connection: DuckDBConnection,
  { measures, groupBy }: OracleQuery,
): Promise<OracleCell[]> {
  const labels = groupBy.map((_, g) => `encode(g${g})`);
  const sums = measures.map((_, m) => `coalesce(sum(v${m}), 0)::hugeint`);
  const contributors = measures.map((_, m) => `count(s.email) filter (where v${m} <> 0)`);
  const groups = groupBy.map((_, g) => `g${g}`).join(", ");
  const reader = await connection.runAndReadAll(
    `${select([...labels, "count(*)", "count(s.email)", ...sums, ...contributors])}
     from receiver r left join sender s on r.email = s.email
     group by ${groups === "" ? "all" : groups}`,
  );
  const at = groupBy.length;
  const cells = reader.getRows().map((row) => ({
    labels: row.slice(0, at).map((blob) => text(blob as { bytes: Uint8Array })),
    base: row[at] as bigint,
    people: row[at + 1] as bigint,
    sums: row.slice(at + 2, at + 2 + measures.length) as bigint[],
    contributors: row.slice(at + 2 + measures.length) as bigint[],
  }));
  return cells.sort((a, b) => compareLabels(a.labels, b.labels));
}

function text({ bytes }: { bytes: Uint8Array }): string {
  return Buffer.from(bytes).toString("utf8");
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  const g = a.findIndex((label, i) => label !== b[i]);
  return g < 0 ? 0 : a[g]! < b[g]! ? -1 : 1;
}

/** The file's rows with a valid normalised e-mail and every condition met, numbered in the file's order. */
function goodRows(file: string, conditions: readonly string[]): string {
  return `with numbered as (
      select row_number() over () as line, * rename (${column("email")} as raw_email) from ${csvTable(file)}
    ), normalised as (select ${normalisedEmail("raw_email")} as email, * from numbered)
    select * from normalised where ${[IS_EMAIL, ...conditions].join(" and ")}`;
}

/**
 * Does not use DuckDB's detection of dialects, types and line ends, which a quoted line break in the header misleads. All
 * rows must end as the header row does.
 */
function csvTable(file: string): string {
  const { header, lineEnd } = firstRow(readFileSync(file, "utf8"));
  const columns = header.map((name) => `${literal(name)}: 'VARCHAR'`);
  return `read_csv(${literal(file)}, auto_detect = false, columns = {${columns.join(", ")}}, header = true,
    delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '${lineEnd}', max_line_size = 4194304,
    parallel = false)`;
}

function firstRow(csv: string): { header: string[]; lineEnd: string } {
  const [, row = "", end] = /^\ufeff?((?:"(?:[^"]|"")*"|[^"\r\n])*)(\r?)/.exec(csv) ?? [];
  const fields = row.match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
  const header = fields.map((field) => field.replace(/^"|"$/g, "").replaceAll('""', '"'));
  return { header, lineEnd: end === "\r" ? String.raw`\r\n` : String.raw`\n` };
}

/** The blanks of ECMAScript's trim, as a character class of RE2. */
const BLANK = String.raw`\t\n\x{0b}\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;

function trimmed(expression: string): string {
  return `regexp_replace(coalesce(${expression}, ''), '^[${BLANK}]+|[${BLANK}]+$', '', 'g')`;
}

/** Soft hyphen, zero-width and directional marks, invisible operators: not part of an address. */
const INVISIBLE = String.raw`[\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{feff}]`;

/** Printable ASCII and its full-width forms, character by character. */
const ASCII = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).join("");
const FULL_WIDTH = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0xff01 + i)).join("");

function visible(expression: string): string {
  const shown = `regexp_replace(coalesce(${expression}, ''), '${INVISIBLE}', '', 'g')`;
  return `translate(${shown}, ${literal(FULL_WIDTH)}, ${literal(ASCII)})`;
}

/** Without a pair of double quotes around it, and without apostrophes in front, as hostile files have them. */
function unquoted(expression: string): string {
  const inside = String.raw`regexp_replace(${expression}, '^["\x{201c}-\x{201f}\x{ab}\x{bb}](.*)["\x{201c}-\x{201f}\x{ab}\x{bb}]$', '\1')`;
  return String.raw`regexp_replace(${inside}, '^[\x{27}\x{2018}\x{2019}\x{201b}]+', '')`;
}

/** DuckDB's lower() maps single characters; the only lower case form of two characters is written out. */
function normalisedEmail(expression: string): string {
  const dotted = `replace(${unquoted(trimmed(visible(expression)))}, chr(${0x130}), 'i' || chr(${0x307}))`;
  return `nfc_normalize(replace(lower(${dotted}), chr(${0x3c2}), chr(${0x3c3})))`;
}

/** One "@", a dot inside the domain, no blank, control character or special; at most 254 bytes. */
const FORBIDDEN = String.raw`${BLANK}\x{00}-\x{1f}\x{7f}-\x{9f}@"(),:;<>\[\]\\`;
const QUOTES = String.raw`\x{201a}\x{201c}-\x{201f}\x{ab}\x{bb}\x{2039}\x{203a}`;
/** A name of a domain, of ASCII only letters, digits and hyphens. */
const NAME = String.raw`[a-z0-9\x{80}-\x{10ffff}]([-a-z0-9\x{80}-\x{10ffff}]*[a-z0-9\x{80}-\x{10ffff}])?`;
const IS_EMAIL = `(regexp_full_match(email, '[^${FORBIDDEN}${QUOTES}]+@[^${FORBIDDEN}${QUOTES}\\x{2018}-\\x{201b}]+')
      and regexp_full_match(split_part(email, '@', 2), '${NAME}([.]${NAME})+')
      and octet_length(encode(email)) <= 254)`;

/** Empty, or a decimal number whose digits after the first `decimals` are zeros. */
function isScalable(cell: string, decimals: number): string {
  const number = `[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{0,${decimals}}0*)`;
  return `(${trimmed(cell)} = '' or (regexp_full_match(${trimmed(cell)}, '${number}')
      and regexp_matches(${trimmed(cell)}, '[0-9]')))`;
}

/** The cell times 10^decimals as HUGEINT; NULL where it is empty. Only for cells that can be scaled. */
function scaledCell(cell: string, decimals: number): string {
  const part = (group: number) =>
    `regexp_extract(${trimmed(cell)}, '^([+-]?)([0-9]*)[.]?([0-9]*)$', ${group})`;
  const fraction = decimals === 0 ? "''" : `rpad(left(${part(3)}, ${decimals}), ${decimals}, '0')`;
  return `case when ${trimmed(cell)} = '' then null
    else (replace(${part(1)}, '+', '') || '0' || ${part(2)} || ${fraction})::hugeint end`;
}

function select(expressions: readonly string[]): string {
  return `select ${expressions.join(", ")}`;
}

function hugeint(value: bigint): string {
  return `'${value}'::hugeint`;
}

function column(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
