// One side of a signed session: what both know of it, and this side's people in their secret order.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import type { Agreement, AgreementContent } from "./agreement/agreement.ts";
import type { SessionData } from "./data.ts";
import type { SessionInput } from "./input.ts";
import type { Numbers } from "./shards/split.ts";
import type { ItemNumbers } from "./table/item-numbers.ts";
import { receiverBases, senderBases } from "./table/bases.ts";
import { layoutOf, type Layout } from "./table/layout.ts";
import { permutation } from "./permutation.ts";
import { cellOrders, PlacedItems } from "./table/orders.ts";
import { PayingItems } from "./table/payloads.ts";
import { itemsPerPerson } from "./terms/bounds.ts";
import type { Terms } from "./terms/terms.ts";

export interface Side {
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly content: AgreementContent;
  readonly terms: Terms;
  readonly layout: Layout;
  /** Items of the people of each side. */
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly kernel: GroupKernel;
  readonly rng: Rng;
  readonly data: SessionData;
  /** Where this side's cells (of each partition) or categories (one list) stand in the table; new in each session. */
  readonly orders: readonly Uint32Array[];
  /** This side's own people by row or by place, for the rules of the release. */
  readonly bases: Uint32Array;
  /** What belongs to this side's items. */
  readonly numbers: ItemNumbers;
  /** What enters the match of so many items, from their records, but for their pseudonyms. */
  numbersOf(records: Uint32Array, items: number): Numbers;
}

/** Errors: `refused`, if more numbers would travel with each person than the wire allows. */
export function openSide({ data, terms, pool, rng }: SessionInput, { content, session }: Agreement): Side {
  const { sender, receiver } = content;
  const layout = layoutOf(terms, { categories: sender.categories, cells: receiver.cells });
  const each = itemsPerPerson(terms);
  const common = {
    role: data.role,
    session,
    content,
    terms,
    layout,
    senderPeople: sender.people * each,
    receiverPeople: receiver.people * each,
    kernel: pool.kernel,
    rng,
    data,
  };
  if (data.role === "sender") {
    const { people } = data;
    const order = permutation(sender.categories, rng.fork("category-order"));
    const numbers = new PayingItems(people, layout);
    return {
      ...common,
      orders: [order],
      bases: senderBases(people, order),
      numbers,
      numbersOf: (records, items) => ({
        payloads: numbers.payloads(records, items, order),
        cellsOf: [],
        times: [],
      }),
    };
  }
  const { people } = data;
  const orders = cellOrders(receiver.cells, layout, rng.fork("cell-order"));
  const numbers = new PlacedItems(people, layout);
  return {
    ...common,
    orders,
    bases: receiverBases(people, layout, orders),
    numbers,
    numbersOf: (records, items) => ({ payloads: [], ...numbers.cellsAndTimes(records, items, orders) }),
  };
}
