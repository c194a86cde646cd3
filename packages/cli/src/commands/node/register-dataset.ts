// `halfroom dataset ...`: flags and help. Each command's code is loaded when it runs.
import type { Argv, Options } from "yargs";
import { home, json, list as anyNumber, text } from "./common-flags.ts";

const list = { ...anyNumber, defaultDescription: "none" } as const;
const name = { type: "string", demandOption: true, describe: "what this node calls the dataset" } as const;

const SOURCE = "Where the rows are:";
const PEOPLE = "How rows become people:";
const COLUMNS = "What a report may use:";

export const addFlags = {
  home,
  file: {
    ...list,
    group: SOURCE,
    describe:
      "CSV, NDJSON or Parquet: a file (also .gz and .zst), a pattern in quotes, or a folder of parts; repeatable. Also s3://BUCKET/KEY; or an SQLite database",
  },
  format: {
    ...text,
    group: SOURCE,
    choices: ["csv", "ndjson", "parquet"],
    describe: "needed where the file's name does not end in one of these",
  },
  delimiter: {
    ...text,
    group: SOURCE,
    describe: "what separates the fields of CSV files: one mark, or tab [default: what their header says]",
  },
  encoding: {
    ...text,
    group: SOURCE,
    describe: "of files without a byte order mark, for example windows-1252 or utf-16le [default: utf-8]",
  },
  "sqlite-table": { ...text, group: SOURCE, describe: "table or view, where the file is an SQLite database" },
  "sqlite-query": { ...text, group: SOURCE, describe: "instead of a table, one SELECT" },
  "postgres-query": {
    ...text,
    group: SOURCE,
    describe: "one SELECT of PostgreSQL, run in a read-only transaction",
  },
  "postgres-url": { ...text, group: SOURCE, describe: "URL without a password [default: the PG* variables]" },
  "postgres-url-variable": { ...text, group: SOURCE, describe: "environment variable that holds the URL" },
  "postgres-url-file": { ...text, group: SOURCE, describe: "file that holds the URL, readable by you alone" },
  "mysql-query": { ...text, group: SOURCE, describe: "the same of MySQL or MariaDB" },
  "mysql-url": { ...text, group: SOURCE, describe: "URL without a password [MYSQL_PWD may hold it]" },
  "mysql-url-variable": { ...text, group: SOURCE, describe: "environment variable that holds the URL" },
  "mysql-url-file": { ...text, group: SOURCE, describe: "file that holds the URL, readable by you alone" },
  match: {
    ...list,
    group: PEOPLE,
    describe:
      "keys to match people by: email=COLUMN, phone=COLUMN, maid=COLUMN, postal=STREET,ZIP,CITY, NAME:custom=COLUMN; repeatable",
  },
  profile: {
    ...text,
    group: PEOPLE,
    describe:
      "how e-mail addresses and phone numbers are normalised: iab, uid2, google or meta, the same on both sides [default: iab]",
  },
  region: {
    ...text,
    group: PEOPLE,
    describe: "country of phone numbers without a country code, for example DE",
  },
  plus: {
    ...text,
    group: PEOPLE,
    choices: ["yes", "no"],
    describe: "whether phone numbers began with + when they were hashed [default: the profile's]",
  },
  hashed: {
    ...list,
    group: PEOPLE,
    describe: "name of a key whose column holds SHA-256 digests; repeatable",
  },
  split: {
    ...list,
    group: PEOPLE,
    describe:
      'KEY=SEPARATOR, for cells with several identifiers, for example email=";": the first that is one counts; repeatable',
  },
  "null-word": {
    ...list,
    group: COLUMNS,
    describe: "a word that means that there is no value, for example N/A; repeatable",
  },
  person: {
    ...text,
    group: PEOPLE,
    describe:
      "column that tells people apart: rows with equal values are one person [default: the first key that a row has]",
  },
  dimension: {
    ...list,
    group: COLUMNS,
    describe:
      "a column that reports may group by: NAME[=COLUMN][:OPTION]...; repeatable. Options: bands=18,25,35  frequency  week  month  pick=first|most-frequent|sum  last-by=COLUMN  null=LABEL|drop",
  },
  measure: {
    ...list,
    group: COLUMNS,
    describe:
      "a column that reports may sum: NAME[=COLUMN][:OPTION]...; repeatable. Options: null=zero|drop  round (to a report's decimals)  format=1.234,56 (how 1234.56 is written)",
  },
  expression: {
    ...list,
    group: COLUMNS,
    describe: "NAME=SQL: a dimension or measure computed from the row's columns; repeatable",
  },
  type: {
    ...list,
    group: COLUMNS,
    describe:
      "COLUMN=TYPE, to read a text column as integer, double, boolean, date, timestamp or decimal(12,2); dates in another form: COLUMN=date:format=%d.%m.%Y; repeatable",
  },
  time: { ...text, group: COLUMNS, describe: "column with the time of each row, for attribution and lift" },
  zone: {
    ...text,
    group: COLUMNS,
    describe:
      "time zone of weeks, months and times without an offset, for example Europe/Berlin [default: UTC]",
  },
  where: { ...text, group: COLUMNS, describe: "SQL condition: only these rows belong to the dataset" },
  population: {
    ...text,
    describe: "name of the set of people: datasets with the same name share a budget [default: people]",
  },
  definition: {
    ...text,
    describe: "YAML file with the whole definition, including what flags cannot express, instead of flags",
  },
} as const satisfies Record<string, Options>;

const checkFlags = {
  home,
  match: { ...list, describe: "keys, as in a report: email,phone [default: the first three]" },
  measure: {
    ...list,
    describe: "name:low:high:decimals, bounds to try, as in a report; repeatable",
  },
  "group-by": {
    ...list,
    describe: "dimensions whose cells are counted: a,b; repeatable [default: all together]",
  },
  threshold: { ...text, default: "100", describe: "smallest number of people in a released cell" },
  where: { ...text, describe: "a report's own filter" },
  json,
} as const satisfies Record<string, Options>;

const EXAMPLES = `Examples:
  halfroom dataset add purchases --file 'crm/*.csv.gz' --match email=mail --match phone=tel --region DE \\
    --type amount='decimal(12,2)' --measure amount --measure net --expression 'net=round(amount * 0.81, 2)' \\
    --dimension age_band=age:bands=18,25,35,50:null=unknown --dimension week=sold_on:week
  halfroom dataset add members --postgres-query 'select email, card from members' --postgres-url-file db.url \\
    --match email=email --match card:custom=card
  halfroom dataset add exposures --definition exposures.yaml`;

const dataset = () => import("./dataset.ts");

export function registerDatasets(cli: Argv): Argv {
  return cli
    .command(
      "add <name>",
      "Declare a source of people. Nothing is read yet, and no partner may use it.",
      (command) => command.positional("name", name).options(addFlags).epilogue(EXAMPLES),
      async (flags) => (await dataset()).datasetAddCommand(flags),
    )
    .command(
      "check <name>",
      "Read a dataset and show what a report would find: rows, people, dropped rows, cells, bounds, digest.",
      (command) => command.positional("name", name).options(checkFlags),
      async (flags) => (await dataset()).datasetCheckCommand(flags),
    )
    .command(
      "list",
      "List the datasets.",
      (command) => command.options({ home, json }),
      async (flags) => (await dataset()).datasetListCommand(flags),
    )
    .command(
      "remove <name>",
      "Remove a dataset from the settings; its data stays where it is.",
      (command) => command.positional("name", name).options({ home }),
      async (flags) => (await dataset()).datasetRemoveCommand(flags),
    )
    .demandCommand(1, 1, "Name a command: add, check, list, remove.", "Name one command only.");
}
