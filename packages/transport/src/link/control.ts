// Control messages between the two ends of a link: short texts beside the frames (protocol-spec.md, section 6.3).
//
//     link ID RECEIVED     first on every connection, from the caller, then from the listener
//     strand ID            first on a further connection of the same link, likewise
//     at NUMBER            the number of the next frame on this connection, where it does not follow from the one before
//     taken COUNT          how many frames were taken so far
//     end COUNT CODE       the sender has sent COUNT frames in all; CODE is the close code
//     ended                the answer to `end`
import { ProtocolError } from "@halfroom/wire";

export type Control =
  | { readonly type: "link"; readonly id: string; readonly received: number }
  | { readonly type: "strand"; readonly id: string }
  | { readonly type: "at"; readonly count: number }
  | { readonly type: "taken"; readonly count: number }
  | { readonly type: "end"; readonly count: number; readonly close: number }
  | { readonly type: "ended" };

/** Longer than any control message. */
const LENGTH_MAX = 96;
const COUNT_MAX = 2 ** 32 - 1;
const COUNT = "(0|[1-9][0-9]{0,9})";
const LINK = new RegExp(`^link ([0-9a-f]{64}) ${COUNT}$`);
const STRAND = /^strand ([0-9a-f]{64})$/;
const AT = new RegExp(`^at ${COUNT}$`);
const TAKEN = new RegExp(`^taken ${COUNT}$`);
/** No other close code says how a session ended: 1000, or one of those for errors, known or not. */
const END = new RegExp(`^end ${COUNT} (1000|4[0-9]{3})$`);

export function encodeControl(control: Control): string {
  if (control.type === "link") return `link ${control.id} ${control.received}`;
  if (control.type === "strand") return `strand ${control.id}`;
  if (control.type === "at") return `at ${control.count}`;
  if (control.type === "taken") return `taken ${control.count}`;
  if (control.type === "end") return `end ${control.count} ${control.close}`;
  return "ended";
}

/** Errors: `malformed`. */
export function decodeControl(data: Buffer): Control {
  const text = data.length <= LENGTH_MAX ? data.toString("latin1") : "";
  const link = LINK.exec(text);
  if (link !== null) return { type: "link", id: link[1]!, received: countOf(link[2]!) };
  const strand = STRAND.exec(text);
  if (strand !== null) return { type: "strand", id: strand[1]! };
  const at = AT.exec(text);
  if (at !== null) return { type: "at", count: countOf(at[1]!) };
  const taken = TAKEN.exec(text);
  if (taken !== null) return { type: "taken", count: countOf(taken[1]!) };
  const end = END.exec(text);
  if (end !== null) return { type: "end", count: countOf(end[1]!), close: Number(end[2]) };
  if (text === "ended") return { type: "ended" };
  throw new ProtocolError("malformed", "a text message that is not a control message");
}

function countOf(digits: string): number {
  const count = Number(digits);
  if (count > COUNT_MAX) throw new ProtocolError("malformed", "a count beyond 2^32 - 1");
  return count;
}
