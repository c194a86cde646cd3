// What the specification says that a session moves, from the agreement in its receipt.
import { decodeReceipt, expansionsOfShard, messagesOf, type MessageBytes } from "@halfroom/session";

export type ExpansionSizes = NonNullable<ReturnType<typeof expansionsOfShard>>;

export interface Expected {
  readonly messages: readonly MessageBytes[];
  readonly expansions: ExpansionSizes | undefined;
}

/** `receipt`: as `halfroom audit receipt --json` prints it; `newPeople`: of the receiver, without a pseudonym before. */
export function expectedOf(receipt: string, newPeople: number): Expected {
  const { terms, ...sizes } = decodeReceipt(new TextEncoder().encode(receipt.trim())).agreement.content;
  return {
    messages: messagesOf(terms, sizes, newPeople),
    expansions: expansionsOfShard(terms, sizes),
  };
}
