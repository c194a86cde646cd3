// A small session in which every message is made to fail, one at a time. A clean run first shows how many there are.
import { GroupPool } from "@halfroom/crypto";
import {
  type Ending,
  exactSums,
  type Fault,
  type PlainTable,
  preparePair,
  recordFrames,
  resultOf,
  runPair,
  withCsvFiles,
  withFault,
} from "@halfroom/testkit";
import {
  decodeFrame,
  type Field,
  type Message,
  MESSAGES,
  type MessageType,
  ProtocolError,
} from "@halfroom/wire";
import { otherRole, THRESHOLD_FLOOR, type Role, type Terms } from "@halfroom/session";
import { expect } from "vitest";
import { csvText } from "../transcripts/recorded.ts";

/** Cells a and b pass, c and the padding cell do not: every type of message goes over the wire. */
const TERMS = exactSums({
  measures: [{ name: "amount", low: -100n, high: 100n, decimals: 0 }],
  groupBy: ["cell"],
  threshold: THRESHOLD_FLOOR,
  otK: 4,
});
/** The same session with silent transfers, and so with keys of bins from a vector, and slots. */
const SILENT_TERMS: Terms = { ...TERMS, transfers: "silent" };
const people = (host: string, cells: readonly string[]) =>
  cells.map((cell, i) => ({ email: `p${i}@${host}`, cell, amount: i - 4 }));
/** As many people as the threshold requires in every cell that passes, and as many unmatched ones in every base. */
const enough = (cell: string) => Array.from({ length: THRESHOLD_FLOOR + 1 }, () => cell);
const SHARED = people("example.com", [...enough("a"), ...enough("b"), "c", "c"]);
const DATA = await withCsvFiles(
  {
    senderCsv: csvText(
      "email,amount",
      [...SHARED, ...people("example.net", enough(""))].map(({ email, amount }) => [email, `${amount}`]),
    ),
    receiverCsv: csvText(
      "email,cell",
      [...SHARED, ...people("example.org", [...enough("a"), ...enough("b")])].map(({ email, cell }) => [
        email,
        cell,
      ]),
    ),
  },
  (files) => preparePair(files, TERMS),
);

const pool = await GroupPool.open(0);

export interface Sent {
  readonly role: Role;
  /** The frame's number among those of its role. */
  readonly index: number;
  readonly message: Message;
  /** Of the session that it is of. */
  readonly terms: Terms;
}

export type Endings = Readonly<Record<Role, Ending>>;

/** Runs its session with `fault` applied to one frame; a side that receives nothing waits `idleMs`. */
export async function play(
  at: Pick<Sent, "role" | "index" | "terms">,
  fault: Fault,
  idleMs?: number,
): Promise<Endings> {
  return await runPair({
    ...setup(at.terms),
    ...(idleMs === undefined ? {} : { idleMs }),
    wrap: (frames, role) => (role === at.role ? withFault(frames, at.index, fault) : frames),
  });
}

export function setup(terms = TERMS) {
  return { data: DATA, terms, pool, seed: "faults", proposed: true };
}

async function cleanRun(terms: Terms): Promise<{ sent: Sent[]; table: PlainTable }> {
  const sent: Sent[] = [];
  const ended = await runPair({
    ...setup(terms),
    wrap: (frames, role) => {
      const recorded = recordFrames(frames);
      let index = 0;
      return {
        ...recorded,
        send(frame) {
          sent.push({ role, index: index++, message: decodeFrame(new Uint8Array(frame)).message, terms });
          return recorded.send(frame);
        },
      };
    },
  });
  expect(resultOf(ended.sender).table.cells).toEqual(resultOf(ended.receiver).table.cells);
  return { sent, table: resultOf(ended.sender).table };
}

const clean = await cleanRun(TERMS);

/** Every message of the clean run, in the order of sending. */
export const SENT: readonly Sent[] = clean.sent;

/** What a session with silent transfers sends otherwise: expansions, the keys of bins, and flips of slots. */
export const SENT_SILENTLY: readonly Sent[] = otherwise((await cleanRun(SILENT_TERMS)).sent);

/** Of each side, what lies between that which both sessions begin with, and the last of these types. */
function otherwise(sent: readonly Sent[]): readonly Sent[] {
  const types: readonly MessageType[] = ["silentProof", "treeFlips"];
  return (["sender", "receiver"] as const).flatMap((side) => {
    const [known, own] = [SENT, sent].map((all) => all.filter(({ role }) => role === side));
    const first = own!.findIndex(({ message }, i) => message.type !== known![i]!.message.type);
    return own!.slice(first, own!.findLastIndex(({ message }) => types.includes(message.type)) + 1);
  });
}

/** The sender answers the receiver's receipt, and no longer notices what happens to that answer. */
export const LAST_WORDS = SENT.filter(({ role, message }) => role === "sender" && message.type === "receipt");
/** The sender's `done`: the receiver's receipt does not wait for it, so that the sender may have all it needs. */
export const isAheadOfReceipt = ({ role, message }: Sent) => role === "sender" && message.type === "done";
export const BEFORE_LAST = SENT.filter((at) => !LAST_WORDS.includes(at));

/** The first frame of each type and role: what the quick tests make to fail, where the slow ones take every frame. */
export function firstOfEachType(sent: readonly Sent[]): readonly Sent[] {
  const kind = ({ role, message }: Sent) => `${role} ${message.type}`;
  return sent.filter((at) => sent.find((other) => kind(other) === kind(at)) === at);
}

export function titled(sent: readonly Sent[]): (readonly [title: string, sent: Sent])[] {
  return sent.map((one) => [`the ${one.role}'s frame ${one.index}, ${one.message.type}`, one]);
}

export function fieldsOf(type: MessageType): [name: string, field: Field][] {
  return Object.entries<Field>(MESSAGES[type].fields);
}

export interface Failure {
  readonly code: string;
  readonly fromPartner: boolean;
  readonly phase: string | undefined;
}

/** How a role failed; anything but a ProtocolError fails the test. */
export function failureOf(ending: Ending): Failure {
  if ("result" in ending) return expect.fail("the role accepted a result");
  if (!(ending.error instanceof ProtocolError)) throw ending.error;
  const { code, fromPartner, phase } = ending.error;
  return { code, fromPartner, phase };
}

/**
 * The side that `at` was sent to ends with `code` by itself, and tells the other one exactly that. After both signatures a new
 * stream begins: the side that signed correctly may already be in it, and then takes the abort for a frame out of order. `mayHaveAll`: it may have the partner's receipt by then, and so the right table.
 */
export function expectAborted(
  endings: Endings,
  at: Sent,
  code: string | readonly string[],
  mayHaveAll = isAheadOfReceipt(at),
): void {
  const noticed = failureOf(endings[otherRole(at.role)]);
  const { type } = at.message;
  expect([code].flat()).toContain(noticed.code);
  expect(noticed.fromPartner).toBe(false);
  if (mayHaveAll && "result" in endings[at.role]) return expectRightTable(endings[at.role]);
  const told = failureOf(endings[at.role]);
  expect(type === "signature" ? ["sequence", noticed.code] : [noticed.code]).toContain(told.code);
  if (isProposing(type)) return;
  expect(noticed.phase).toBeDefined();
  expect(told.phase).toBeDefined();
}

/** Whether there is no session yet, whose stage an error could name. */
const isProposing = (type: MessageType) => type === "propose" || type === "answer";

/** A last message failed: the side that waited for it ends with `code`; the one that sent it already has all it needs. */
export function expectLastWordFailed(endings: Endings, at: Sent, code: string): void {
  const failure = failureOf(endings[otherRole(at.role)]);
  expect(failure).toMatchObject({ code, fromPartner: false, phase: "release" });
  expectRightTable(endings[at.role]);
}

export function expectRightTable(ending: Ending): void {
  expect(resultOf(ending).table.cells).toEqual(clean.table.cells);
}
