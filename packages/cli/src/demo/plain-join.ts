// What the report must say, computed the plain way from both files in the clear. Nothing here is shared with the
// preparation or the protocol; it knows only what the demo's own files look like (no line breaks inside fields).
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ReleasedTable } from "@halfroom/report";

interface Person {
  amountCents: number;
  orders: number;
}

interface Cell {
  people: number;
  amountCents: number;
  orders: number;
}

/** Clip bounds of one person: 0.00 to 500.00, and 0 to 10 orders. */
const AMOUNT_CENTS_MAX = 50_000;
const ORDERS_MAX = 10;

/** Cells by the JSON text of their labels: every cell of the receiver, those without a shared person too. */
export async function plainJoin(conversionsFile: string, exposuresFile: string): Promise<Map<string, Cell>> {
  const buyers = new Map<string, Person>();
  for await (const [email, amount, orders] of rowsOf(conversionsFile)) {
    const cents = centsOf(amount!);
    if (!isEmail(email!) || cents === undefined) continue;
    const buyer = buyers.get(email!) ?? { amountCents: 0, orders: 0 };
    buyer.amountCents += cents;
    buyer.orders += Number(orders);
    buyers.set(email!, buyer);
  }

  const cells = new Map<string, Cell>();
  const seen = new Set<string>();
  for await (const [email, campaign, ageBand] of rowsOf(exposuresFile)) {
    if (!isEmail(email!) || seen.has(email!)) continue;
    seen.add(email!);
    const key = JSON.stringify([campaign, ageBand]);
    const cell = cells.get(key) ?? { people: 0, amountCents: 0, orders: 0 };
    cells.set(key, cell);
    const buyer = buyers.get(email!);
    if (buyer === undefined) continue;
    cell.people += 1;
    cell.amountCents += Math.min(Math.max(buyer.amountCents, 0), AMOUNT_CENTS_MAX);
    cell.orders += Math.min(Math.max(buyer.orders, 0), ORDERS_MAX);
  }
  return cells;
}

/** Undefined if the table (amount in cents, orders) is what the join says, or the first difference in words. */
export function difference(table: ReleasedTable, cells: ReadonlyMap<string, Cell>): string | undefined {
  const expected = [...cells].filter(([, { people }]) => people >= table.threshold);
  const released = new Map(table.cells.map(({ labels, ...cell }) => [JSON.stringify(labels), cell]));
  for (const [labels, { people, amountCents, orders }] of expected) {
    const cell = released.get(labels);
    if (cell === undefined) return `the report lacks the cell ${labels}`;
    const plain = [people, amountCents, orders].join(" ");
    const reported = [cell.people, ...cell.sums].join(" ");
    if (plain !== reported)
      return `people, cents and orders of ${labels} are ${reported} in the report, ${plain} in the join`;
  }
  if (released.size !== expected.length)
    return "the report has cells that the join has not, or that are under the threshold";
  if (table.cellsTotal !== cells.size || table.suppressed !== cells.size - expected.length) {
    return `the join has ${cells.size} cells, ${cells.size - expected.length} of them under the threshold`;
  }
  return undefined;
}

/** Rows behind the header; the first field is the e-mail, normalised. */
async function* rowsOf(file: string): AsyncIterable<string[]> {
  let header = true;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!header) {
      const [email = "", ...others] = fieldsOf(line);
      yield [email.trim().toLowerCase(), ...others];
    }
    header = false;
  }
}

function fieldsOf(line: string): string[] {
  const fields = line.match(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** Whole cents; nothing for an empty field, undefined for what is no number. All sums here stay below 2^53. */
function centsOf(amount: string): number | undefined {
  if (amount === "") return 0;
  const parts = /^(-?)(\d+)(?:\.(\d\d))?$/.exec(amount);
  return parts === null ? undefined : Number(`${parts[1]}${parts[2]}${parts[3] ?? "00"}`);
}
