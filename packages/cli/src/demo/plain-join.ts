// What the report must say, computed directly from both files in the clear. It shares no code with the preparation or the
// protocol, and reads only files like the demo's own (no line breaks inside fields).
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { ReleasedPartition, ReleasedReport } from "@halfroom/report";

interface Person {
  amountCents: number;
  orders: number;
}

interface Cell {
  /** People who saw it, customers or not. */
  exposed: number;
  /** Those who are customers. */
  people: number;
  amountCents: number;
  orders: number;
  /** Of `people`, those whose clipped amount or orders are not zero. */
  amountPeople: number;
  ordersPeople: number;
}

export interface PlainJoin {
  readonly buyers: number;
  readonly exposed: number;
  /** By the JSON text of their labels: every cell of the receiver, including those without a shared person. */
  readonly cells: ReadonlyMap<string, Cell>;
}

/** Clip bounds of one person: 0.00 to 500.00, and 0 to 10 orders. */
const AMOUNT_CENTS_MAX = 50_000;
const ORDERS_MAX = 10;

export async function plainJoin(conversionsFile: string, exposuresFile: string): Promise<PlainJoin> {
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
    const cell = cells.get(key) ?? emptyCell();
    cells.set(key, cell);
    cell.exposed += 1;
    const buyer = buyers.get(email!);
    if (buyer === undefined) continue;
    const amountCents = Math.min(Math.max(buyer.amountCents, 0), AMOUNT_CENTS_MAX);
    const orders = Math.min(Math.max(buyer.orders, 0), ORDERS_MAX);
    cell.people += 1;
    cell.amountCents += amountCents;
    cell.orders += orders;
    cell.amountPeople += amountCents === 0 ? 0 : 1;
    cell.ordersPeople += orders === 0 ? 0 : 1;
  }
  return { buyers: buyers.size, exposed: seen.size, cells };
}

function emptyCell(): Cell {
  return { exposed: 0, people: 0, amountCents: 0, orders: 0, amountPeople: 0, ordersPeople: 0 };
}

/**
 * The cells that an exact report shows, each as "people cents orders". A number is shown if at least `threshold` people are
 * behind it and as many did not match: in the cell, among all buyers, and among all who saw anything. A sum also needs as
 * many people with a value other than zero.
 */
export function shownCells({ buyers, exposed, cells }: PlainJoin, threshold: number): Map<string, string> {
  const matched = [...cells.values()].reduce((sum, { people }) => sum + people, 0);
  const shown = new Map<string, string>();
  if (Math.min(buyers, exposed) - matched < threshold) return shown;
  for (const [labels, cell] of cells) {
    if (Math.min(cell.people, cell.exposed - cell.people) < threshold) continue;
    const amount = cell.amountPeople < threshold ? HIDDEN : cell.amountCents;
    const orders = cell.ordersPeople < threshold ? HIDDEN : cell.orders;
    shown.set(labels, `${cell.people} ${amount} ${orders}`);
  }
  return shown;
}

const HIDDEN = "hidden";

/** Undefined if the report (amount in cents, orders) equals the join, else the first difference in words. */
export function difference({ partitions, threshold }: ReleasedReport, join: PlainJoin): string | undefined {
  const [{ cells, cellsTotal, hiddenCells }] = partitions as [ReleasedPartition];
  const expected = shownCells(join, threshold);
  const released = new Map(cells.map(({ labels, ...cell }) => [JSON.stringify(labels), cell]));
  for (const [labels, plain] of expected) {
    const cell = released.get(labels);
    if (cell === undefined) return `the report lacks the cell ${labels}`;
    const reported = [cell.people, ...cell.sums].map((number) => number?.value ?? HIDDEN).join(" ");
    if (plain !== reported)
      return `people, cents and orders of ${labels} are ${reported} in the report, ${plain} in the join`;
  }
  if (released.size !== expected.size)
    return "the report has cells that the join does not have, or that are under the threshold";
  const total = join.cells.size;
  if (cellsTotal !== total || hiddenCells !== total - expected.size)
    return `the join has ${total} cells, ${total - expected.size} of them under the threshold`;
  return undefined;
}

/** Rows after the header; the first field is the normalised e-mail address. */
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

/** Whole cents; 0 for an empty field, undefined for anything that is not a number. All sums here stay below 2^53. */
function centsOf(amount: string): number | undefined {
  if (amount === "") return 0;
  const parts = /^(-?)(\d+)(?:\.(\d\d))?$/.exec(amount);
  return parts === null ? undefined : Number(`${parts[1]}${parts[2]}${parts[3] ?? "00"}`);
}
