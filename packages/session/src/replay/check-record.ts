// Whether what the sides kept of the messages is what both signed. The digests count: what a record calls a message is no more than
// a name.
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import { Direction, encodeFrame, frameDigest, transcriptOf, type MessageRecord } from "@halfroom/wire";
import type { Agreement } from "../agreement/agreement.ts";
import { verifySignature } from "../agreement/keys.ts";
import { lanesOf, type Stream, type StreamRecord } from "../link.ts";
import { signedTranscript } from "../receipt/transcript.ts";
import { sizesOf } from "../shards/agreed-sizes.ts";
import { laneOf, lastAttempts } from "../shards/lane-numbers.ts";
import { transcriptsDigest } from "../shards/side-by-side.ts";

import type { ReplaySide } from "./side.ts";

type Kept = Pick<ReplaySide, "record" | "signingKey">;

/** What is wrong with the records, and whose fault it is as far as signatures tell. */
export interface RecordFault {
  readonly side: Role | undefined;
  readonly words: string;
}

/** Undefined if each record is one that its own side's signatures cover, and neither contradicts the other. */
export function recordsFault(
  agreement: Agreement,
  sides: Readonly<Record<Role, Kept>>,
): RecordFault | undefined {
  for (const side of ROLES) {
    const words = recordComplaint(agreement, side, sides[side]);
    if (words !== undefined) return { side, words };
  }
  return difference(agreement, sides);
}

/** Words for what is wrong with the record of `role`; undefined if its own signatures cover it. */
export function recordComplaint(
  agreement: Agreement,
  role: Role,
  { record, signingKey }: Kept,
): string | undefined {
  if (new Set(record.map(({ stream }) => stream)).size !== record.length)
    return "the record has a stream twice";
  const { session } = agreement;
  const so = bothDirections();
  for (const message of messagesOf(record, "session")) {
    const { type, direction, digest, sequence, signature } = message;
    if (sequence !== so[direction].frames) return "the record lacks a message";
    if (type === "transcript" && direction === "sent") {
      const signed = signedTranscript(session, role, transcriptOfBoth(role, so));
      if (signature === undefined || !verifySignature(signingKey, signed, signature))
        return "the record is not the one that the side signed";
    }
    if (type === "laneTranscripts" && direction === "sent" && !isOfLanes(message, agreement, role, record))
      return "the record of the lanes is not the one that the side compared";
    so[direction].addDigest(digest);
  }
  return undefined;
}

/**
 * A message that its reader kept and its writer did not: one for which signatures tell whose record is false, if there is one, or
 * else the first. If the writer's signature covers what the reader kept, the writer's record is false; if the reader's covers what
 * the writer kept, the reader's is.
 */
function difference(agreement: Agreement, sides: Readonly<Record<Role, Kept>>): RecordFault | undefined {
  const streams = new Set(ROLES.flatMap((role) => sides[role].record.map(({ stream }) => stream)));
  const faults: RecordFault[] = [];
  for (const stream of streams) {
    for (const reader of ROLES) {
      const writer = otherRole(reader);
      const sent = directed(sides[writer].record, stream, "sent");
      const received = directed(sides[reader].record, stream, "received");
      const at = received.findIndex(({ digest }, i) => !isDigest(sent[i]?.digest, digest));
      if (at < 0) continue;
      const { type, sequence, place } = received[at]!;
      const places = { [writer]: place, [reader]: sent[at]?.place };
      const side = [writer, reader].find((signer) =>
        covers(agreement, signer, sides, stream, places[signer]),
      );
      const words =
        side === undefined
          ? `the ${writer} kept another ${type} (${stream} ${sequence}) than the ${reader} did`
          : "its record contradicts what it signed";
      faults.push({ side, words });
    }
  }
  return faults.find(({ side }) => side !== undefined) ?? faults[0];
}

/** Whether the last signature of `signer` in the partner's record covers that record's message at `place`, if there is one. */
function covers(
  agreement: Agreement,
  signer: Role,
  sides: Readonly<Record<Role, Kept>>,
  stream: Stream,
  place: number | undefined,
): boolean {
  if (place === undefined || stream === "talk") return false;
  const keeper = otherRole(signer);
  const { record } = sides[keeper];
  const messages = messagesOf(record, "session");
  const covered = signedUpTo(agreement.session, signer, sides[signer].signingKey, messages);
  if (stream === "session") return place < covered;
  return messages
    .slice(0, covered)
    .some((message) => message.direction === "received" && isOfLanes(message, agreement, keeper, record));
}

/** How many of the messages that the partner of `signer` kept the last signature of `signer` among them covers. */
function signedUpTo(
  session: Uint8Array,
  signer: Role,
  key: Uint8Array,
  messages: readonly MessageRecord[],
): number {
  const so = bothDirections();
  let asked: { readonly place: number; readonly signed: Uint8Array } | undefined;
  let covered = 0;
  for (const [place, { direction, digest, signature }] of messages.entries()) {
    // Both sign what went before either has sent its signature.
    if (signature !== undefined && direction === "sent")
      asked = { place, signed: signedTranscript(session, signer, transcriptOfBoth(otherRole(signer), so)) };
    if (signature !== undefined && direction === "received" && asked !== undefined)
      if (verifySignature(key, asked.signed, signature)) covered = asked.place;
    so[direction].addDigest(digest);
  }
  return covered;
}

/** Whether the message holds attempts and transcripts of the lanes as they are kept. */
function isOfLanes(
  { sequence, digest }: MessageRecord,
  { content, session }: Agreement,
  role: Role,
  record: readonly StreamRecord[],
): boolean {
  const { shards } = sizesOf(content);
  const attempts = lastAttempts(lanesOf(record), shards);
  const transcripts = Array.from(attempts, (attempt, shard) => {
    const so = bothDirections();
    for (const message of messagesOf(record, laneOf(shard, attempt, shards)))
      so[message.direction].addDigest(message.digest);
    return transcriptOfBoth(role, so);
  });
  const digestOfLanes = transcriptsDigest(session, attempts, transcripts);
  const frame = encodeFrame(sequence, { type: "laneTranscripts", digest: digestOfLanes });
  return isDigest(frameDigest(frame), digest);
}

type BothDirections = Readonly<Record<MessageRecord["direction"], Direction>>;

const bothDirections = (): BothDirections => ({ sent: new Direction(), received: new Direction() });

function transcriptOfBoth(role: Role, { sent, received }: BothDirections): Uint8Array {
  return role === "sender" ? transcriptOf(sent, received) : transcriptOf(received, sent);
}

function messagesOf(record: readonly StreamRecord[], stream: Stream): readonly MessageRecord[] {
  return record.find((other) => other.stream === stream)?.messages ?? [];
}

/** The messages of one direction, each with its place in the stream. */
function directed(record: readonly StreamRecord[], stream: Stream, direction: MessageRecord["direction"]) {
  return messagesOf(record, stream)
    .map((message, place) => ({ ...message, place }))
    .filter((message) => message.direction === direction);
}

function isDigest(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
