// Whether the receiver tells the sender how many of its people are behind each row that opens (protocol-spec.md, section 13.6). A lift
// compares what people did with how many there are in each group, and an index the people in common with all: without them a sender
// that is to get the result could compute neither.
import type { Terms } from "./terms.ts";

/** A sender with columns of its own has the index of these, from its own people. */
export function tellsBases({
  report,
  resultTo,
  senderGroupBy,
}: Pick<Terms, "report" | "resultTo" | "senderGroupBy">): boolean {
  return (report === "lift" || report === "index") && resultTo !== "receiver" && senderGroupBy.length === 0;
}
