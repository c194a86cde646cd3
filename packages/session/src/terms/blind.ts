// Whether the sender learns not even which numbers pass (protocol-spec.md, section 13.5). It can, where the receiver alone gets the result, unless the
// sender has to know more: with categories of its own, it sends the labels of those that pass; exact numbers and their totals are
// decided on step by step, with bits that both sides see.
import type { Terms } from "./terms.ts";

export function isSenderBlind({
  release,
  resultTo,
  senderGroupBy,
}: Pick<Terms, "release" | "resultTo" | "senderGroupBy">): boolean {
  return release.mode === "noise" && resultTo === "receiver" && senderGroupBy.length === 0;
}
