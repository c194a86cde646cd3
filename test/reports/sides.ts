// Two datasets with a known overlap, and the plain SQL that their reports are compared with.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSums, type PreparedPair, sqlRows, inMemory } from "@halfroom/testkit";
import { type Role, type Terms } from "@halfroom/session";
import { datasetSchema, prepareReceiverDataset, prepareSenderDataset, type Dataset } from "@halfroom/prepare";

/** People 0 .. 599 of the sender, 200 .. 899 of the receiver; every third lacks a phone, every fifth of them an address. */
const SENDER = Array.from({ length: 600 }, (_, i) => i);
const RECEIVER = Array.from({ length: 700 }, (_, i) => 200 + i);
const CAMPAIGNS = ["spring", "summer", "autumn"];

function email(person: number, side: number): string {
  return person % 5 === side ? "" : `Person${person}@Example.com`;
}

function phone(person: number, side: number): string {
  return person % 3 === side ? "" : `+4915${String(10_000_000 + person)}`;
}

function senderCsv(): string {
  const rows = SENDER.map((p) => [
    email(p, 0),
    phone(p, 0),
    p % 4 === 0 ? "0" : `${(p % 90) - 20}.5`,
    p % 2 ? "new" : "old",
  ]);
  return [["email", "phone", "amount", "segment"], ...rows].map((row) => row.join(",")).join("\n");
}

function receiverCsv(): string {
  const rows = RECEIVER.flatMap((p) =>
    // One to four rows a person, in different campaigns.
    Array.from({ length: 1 + (p % 4) }, (_, n) => [
      email(p, 1),
      phone(p, 1),
      CAMPAIGNS[(p + n) % 3]!,
      p % 7 < 4 ? "18-34" : "35+",
    ]),
  );
  return [["email", "phone", "campaign", "age"], ...rows].map((row) => row.join(",")).join("\n");
}

export interface Sides {
  readonly sender: Dataset;
  readonly receiver: Dataset;
}

export function writeSides(folder: string): Sides {
  const files = { sender: join(folder, "sender.csv"), receiver: join(folder, "receiver.csv") };
  writeFileSync(files.sender, senderCsv());
  writeFileSync(files.receiver, receiverCsv());
  const match = { email: { columns: "email" }, phone: { columns: "phone" } };
  return {
    sender: datasetSchema.parse({
      name: "purchases",
      source: { csv: files.sender },
      match,
      measures: { amount: {} },
      dimensions: { segment: {} },
    }),
    receiver: datasetSchema.parse({
      name: "exposures",
      source: { csv: files.receiver },
      match,
      dimensions: { campaign: {}, age: {} },
    }),
  };
}

const KEYS = {
  email: { key: "email", label: "email/iab-1" },
  phone: { key: "phone", label: "phone" },
};

export const AMOUNT = { name: "amount", low: -1000n, high: 5000n, decimals: 2 };

export function terms(
  changes: Partial<Terms> & { readonly keys?: readonly (keyof typeof KEYS)[] } = {},
): Terms {
  const { keys = ["email"], ...rest } = changes;
  return {
    ...exactSums({ measures: [AMOUNT], groupBy: ["campaign"], threshold: 12, otK: 4 }),
    match: keys.map((key) => KEYS[key]),
    ...rest,
  };
}

/** `where`: each side's own filter. */
export async function prepareSides(
  { sender, receiver }: Sides,
  asked: Terms,
  where: Partial<Record<Role, string>> = {},
): Promise<PreparedPair> {
  const match = asked.match.map(({ key }) => key);
  return {
    sender: await inMemory(
      prepareSenderDataset(
        sender,
        { match, measures: asked.measures, dimensions: asked.senderGroupBy },
        { scratch: tmpdir(), where: where.sender },
      ),
    ),
    receiver: await inMemory(
      prepareReceiverDataset(
        receiver,
        {
          match,
          partitions: asked.partitions,
          ...(asked.entriesMax > 1 ? { entries: { kind: "cells", max: asked.entriesMax } } : {}),
        },
        { scratch: tmpdir(), where: where.receiver },
      ),
    ),
  };
}

/** Rows of a query over tables s (email, phone, amount in cents, segment) and r (email, phone, campaign, age), a person a row. */
export async function sql(folder: string, query: string): Promise<unknown[][]> {
  const file = (name: string) => `read_csv('${join(folder, name)}', all_varchar = true)`;
  const tables = [
    `create table s as select lower(email) as email, phone, segment,
      greatest(-1000, least(5000, cast(cast(amount as decimal(9,2)) * 100 as integer))) as amount from ${file("sender.csv")}`,
    `create table touches as select row_number() over () as line, lower(email) as email, phone,
      campaign, age from ${file("receiver.csv")}`,
    `create table r as select email, phone, any_value(age) as age,
      min_by(campaign, line) as campaign from touches group by email, phone having email is not null or phone is not null`,
  ];
  return await sqlRows(tables, query);
}
