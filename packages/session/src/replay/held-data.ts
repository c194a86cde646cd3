// A side's data that is all in memory, as an auditor gets it, and the same as a session takes it.
import {
  heldReceiver,
  heldSender,
  receiverColumns,
  senderColumns,
  type HeldReceiver,
  type HeldSender,
} from "@halfroom/prepare";
import type { ReceiverData, SenderData, SessionData } from "../data.ts";
import { itemsPerPerson } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";

export type HeldData =
  | (Omit<SenderData, "people"> & { readonly people: HeldSender })
  | (Omit<ReceiverData, "people"> & { readonly people: HeldReceiver });

export async function heldData(data: SessionData): Promise<HeldData> {
  return data.role === "sender"
    ? { ...data, people: await heldSender(data.people) }
    : { ...data, people: await heldReceiver(data.people) };
}

export async function sessionDataOf(held: HeldData, terms: Pick<Terms, "match">): Promise<SessionData> {
  return held.role === "sender"
    ? { ...held, people: await senderColumns(held.people, itemsPerPerson(terms)) }
    : { ...held, people: receiverColumns(held.people) };
}
