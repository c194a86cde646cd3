// Whether what a side kept of the messages is what both signed.
import { otherRole, type Role } from "@halfroom/mpc";
import { Direction, encodeFrame, frameDigest, transcriptOf, type MessageRecord } from "@halfroom/wire";
import { hash256 } from "@halfroom/crypto";
import type { Agreement } from "../agreement/agreement.ts";
import { verifySignature } from "../agreement/keys.ts";
import type { StreamRecord } from "../link.ts";
import { signedTranscript } from "../receipt/transcript.ts";
import type { ReplaySide } from "./side.ts";

/** Words for what is wrong with the record of `role`; undefined if its own signatures cover it. */
export function recordComplaint(
  { session }: Agreement,
  role: Role,
  { record, signingKey }: Pick<ReplaySide, "record" | "signingKey">,
): string | undefined {
  const messages = record.find(({ stream }) => stream === "session")?.messages ?? [];
  const so = { sent: new Direction(), received: new Direction() };
  for (const message of messages) {
    const { type, direction, digest, sequence, signature } = message;
    if (sequence !== so[direction].frames) return "the record lacks a message";
    if (type === "transcript" && direction === "sent") {
      const transcript =
        role === "sender" ? transcriptOf(so.sent, so.received) : transcriptOf(so.received, so.sent);
      const signed = signedTranscript(session, role, transcript);
      if (signature === undefined || !verifySignature(signingKey, signed, signature))
        return "the record is not the one that the side signed";
    }
    if (type === "laneTranscripts" && direction === "sent" && !isOfLanes(message, session, role, record))
      return "the record of the lanes is not the one that the side compared";
    so[direction].addDigest(digest);
  }
  return undefined;
}

/** Whether the message holds the transcripts of the lanes as they are kept. */
function isOfLanes(
  { sequence, digest }: MessageRecord,
  session: Uint8Array,
  role: Role,
  record: readonly StreamRecord[],
): boolean {
  const lanes = record
    .flatMap(({ stream, messages }) => (typeof stream === "number" ? [{ stream, messages }] : []))
    .toSorted((a, b) => a.stream - b.stream)
    .map(({ messages }) => {
      const so = { sent: new Direction(), received: new Direction() };
      for (const message of messages) so[message.direction].addDigest(message.digest);
      return role === "sender" ? transcriptOf(so.sent, so.received) : transcriptOf(so.received, so.sent);
    });
  const transcripts = hash256("shards/transcripts", session, Buffer.concat(lanes));
  const frame = encodeFrame(sequence, { type: "laneTranscripts", digest: transcripts });
  return Buffer.compare(frameDigest(frame), digest) === 0;
}

/** Words for the first message that the two records have otherwise; undefined if neither contradicts the other. */
export function recordsDiffer(
  sender: readonly StreamRecord[],
  receiver: readonly StreamRecord[],
): string | undefined {
  for (const { stream, messages } of sender) {
    const theirs = receiver.find((other) => other.stream === stream)?.messages ?? [];
    for (const [role, sent, received] of [
      ["sender", messages, theirs],
      ["receiver", theirs, messages],
    ] as const) {
      const ofSender = sent.filter(({ direction }) => direction === "sent");
      const ofReader = received.filter(({ direction }) => direction === "received");
      const at = ofReader.findIndex((message, i) => !isSame(message, ofSender[i]));
      if (at < 0) continue;
      const { type, sequence } = ofReader[at]!;
      return `the ${otherRole(role)} kept another ${type} (${stream} ${sequence}) than the ${role} did`;
    }
  }
  return undefined;
}

function isSame(message: MessageRecord, other: MessageRecord | undefined): boolean {
  return (
    other !== undefined &&
    message.sequence === other.sequence &&
    Buffer.compare(message.digest, other.digest) === 0
  );
}
