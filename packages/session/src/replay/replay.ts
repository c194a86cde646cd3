// An auditor's replay (protocol-spec.md, section 15.4): both roles run once more in this process, from what both sides kept, and
// every message is compared with the one that was sent.
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import { encodeFrame, frameDigest, openChannel, ProtocolError, type MessageRecord } from "@halfroom/wire";
import { RecordStore, type GroupKernel, type GroupPool } from "@halfroom/crypto";
import { derivePublicKey } from "@halfroom/match";
import type { Agreement } from "../agreement/agreement.ts";
import { toHex } from "../terms/fields.ts";
import { encodeStatement } from "../agreement/statement.ts";
import type { Epoch, PseudonymKeys } from "../pseudonymise/keys.ts";
import { verifySignature } from "../agreement/keys.ts";
import { SessionLink, type StreamRecord } from "../link.ts";
import { StageMeter } from "../meter.ts";
import { runSession } from "../pipeline.ts";
import type { Site } from "../site.ts";
import type { Terms } from "../terms/terms.ts";
import { dataComplaint, shapeComplaint } from "./check-data.ts";
import { encodedItems } from "./check-items.ts";
import { recordComplaint, recordsFault } from "./check-record.ts";
import { ComparedFrames, computedOf, type MessageName } from "./compared-frames.ts";
import { sessionDataOf } from "./held-data.ts";
import { replayedShards } from "./replayed-shards.ts";
import { keptRng, keysOfBoth, ownKeys, type ReplaySide, type ReplaySides } from "./side.ts";

/** What a replay shows. */
export type ReplayVerdict =
  /** All messages, so many, are those of honest nodes. */
  | { readonly verdict: "clean"; readonly messages: number }
  /** So are the first so many; there the session ended, by a side's `abort` if it is named. */
  | { readonly verdict: "ended"; readonly messages: number; readonly by: MessageName | undefined }
  /** The first message that is none. */
  | {
      readonly verdict: "departed";
      readonly messages: number;
      readonly message: MessageName;
      readonly words: string;
    }
  /** Of this side's own messages the first so many are those of an honest node; what follows depends on the partner's material. */
  | { readonly verdict: "half"; readonly messages: number; readonly of: number }
  /** What a side handed over is not what it kept or signed: it cannot be replayed. */
  | { readonly verdict: "unusable"; readonly side: Role | undefined; readonly words: string };

/** Rejects only for defects; whatever the material is, it gets a verdict. */
export async function replaySession(
  agreement: Agreement,
  sides: ReplaySides,
  pool: GroupPool,
): Promise<ReplayVerdict> {
  const fault = recordsFault(agreement, sides);
  if (fault !== undefined) return { verdict: "unusable", ...fault };
  for (const side of ROLES) {
    const words = materialComplaint(agreement.content.terms, side, sides[side], pool.kernel);
    if (words !== undefined) return { verdict: "unusable", side, words };
  }
  for (const side of ROLES) {
    const words = dataComplaint(agreement.content.terms, sides[side]);
    if (words !== undefined) return beyondBounds(side, sides[side].record, words);
  }
  return await runAgain(agreement, sides, pool);
}

/**
 * Replays the half of `role` from its own material: its statement and signature, and whatever it sends before it depends on a
 * message whose content it has not kept. The partner's statement and signature are in the agreement and the record.
 */
export async function replayOwnHalf(
  agreement: Agreement,
  role: Role,
  side: ReplaySide,
  pool: GroupPool,
): Promise<ReplayVerdict> {
  const { record, secrets } = side;
  const { terms } = agreement.content;
  const words = recordComplaint(agreement, role, side) ?? materialComplaint(terms, role, side, pool.kernel);
  if (words !== undefined) return { verdict: "unusable", side: role, words };
  const complaint = dataComplaint(terms, side);
  if (complaint !== undefined) return beyondBounds(role, record, complaint);
  const frames = new ComparedFrames({ sender: [], receiver: [], [role]: record });
  await frames.deliver(role, talkOf(agreement, otherRole(role), side));
  const error = await failureOf(
    runRole({ agreement, role, own: side, keys: ownKeys(role, secrets), frames, pool }),
  );
  const of = record.flatMap(computedOf).length;
  const verdict = departedVerdict(frames) ?? failedVerdict(frames, role, error);
  return verdict ?? { verdict: "half", messages: frames.compared, of };
}

/** What the session cannot be computed from; a sender's key is one that the receiver's half is computed with as well. */
function materialComplaint(
  terms: Terms,
  role: Role,
  side: ReplaySide,
  kernel: GroupKernel,
): string | undefined {
  if (role === "sender" && !isKeyPair(side.secrets.epoch, kernel))
    return "its key of the epoch is missing, or not the one of the public key";
  return shapeComplaint(terms, side);
}

function isKeyPair(epoch: Epoch | undefined, kernel: GroupKernel): boolean {
  try {
    return (
      epoch !== undefined && Buffer.compare(derivePublicKey(kernel, epoch.secretKey), epoch.publicKey) === 0
    );
  } catch {
    return false;
  }
}

/** What the partner said before the stages, as its reader kept it: what does not fit its digest is left out. */
function talkOf({ content }: Agreement, partner: Role, { record, secrets }: ReplaySide): Uint8Array[] {
  const talk = record.find(({ stream }) => stream === "talk")?.messages ?? [];
  return talk.flatMap(({ direction, type, sequence, digest, signature }) => {
    if (direction === "sent") return [];
    const candidates =
      type === "statement"
        ? [{ type, statement: encodeStatement(content[partner]), stored: secrets.partnersTag } as const]
        : type === "signature" && signature !== undefined
          ? [{ type, signature } as const]
          : [];
    const frames = candidates.map((message) => encodeFrame(sequence, message));
    return frames.filter((frame) => Buffer.compare(frameDigest(frame), digest) === 0).slice(0, 1);
  });
}

async function runAgain(agreement: Agreement, sides: ReplaySides, pool: GroupPool): Promise<ReplayVerdict> {
  const frames = new ComparedFrames({ sender: sides.sender.record, receiver: sides.receiver.record });
  const [sender, receiver] = await Promise.all(
    ROLES.map(async (role) => {
      const run = runRole({
        agreement,
        role,
        own: sides[role],
        keys: keysOfBoth(role, sides, pool),
        frames,
        pool,
      });
      const error = await failureOf(run);
      if (error !== undefined) frames.giveUp();
      return error;
    }),
  );
  return (
    departedVerdict(frames) ??
    failedVerdict(frames, "sender", sender) ??
    failedVerdict(frames, "receiver", receiver) ??
    endedVerdict(frames, sender !== undefined || receiver !== undefined)
  );
}

function departedVerdict({ departure, compared: messages }: ComparedFrames): ReplayVerdict | undefined {
  if (departure === undefined) return undefined;
  const words = "an honest node would have sent another message";
  return { verdict: "departed", messages, message: departure, words };
}

/** An honest node would have ended the session here, for a reason of its own. */
function failedVerdict(frames: ComparedFrames, side: Role, error: unknown): ReplayVerdict | undefined {
  if (error !== undefined && !(error instanceof ProtocolError)) throw error;
  if (error?.cause instanceof RangeError)
    return { verdict: "unusable", side, words: "what the side handed over does not fit together" };
  if (error?.code === "internal" && !error.fromPartner) throw error.cause;
  if (error === undefined || error.fromPartner || error.code === "closed") return undefined;
  return sentMore(frames, side, `an honest node would have ended with ${error.code}`);
}

/** Both came as far as the records go; `early` if that was not their ends. */
function endedVerdict(frames: ComparedFrames, early: boolean): ReplayVerdict {
  for (const side of ROLES) {
    const isBeyond = !early || frames.isShort(side);
    const verdict = isBeyond && sentMore(frames, side, "an honest node would have sent nothing more here");
    if (verdict) return verdict;
  }
  const { compared: messages } = frames;
  if (!early) return { verdict: "clean", messages };
  const [by] = ROLES.map((side) => frames.abortOf(side)).filter((name) => name !== undefined);
  return { verdict: "ended", messages, by };
}

/** A side sent something where an honest one would not have. */
function sentMore(frames: ComparedFrames, side: Role, words: string): ReplayVerdict | undefined {
  const message = frames.next(side);
  if (message === undefined) return undefined;
  return { verdict: "departed", messages: frames.compared, message, words };
}

function beyondBounds(side: Role, record: readonly StreamRecord[], words: string): ReplayVerdict {
  return { verdict: "departed", messages: 0, message: statementOf(side, record), words };
}

async function failureOf(run: Promise<void>): Promise<unknown> {
  return await run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

interface Run {
  readonly agreement: Agreement;
  readonly role: Role;
  readonly own: ReplaySide;
  readonly keys: PseudonymKeys;
  readonly frames: ComparedFrames;
  readonly pool: GroupPool;
}

async function runRole({ agreement: { content }, role, own, keys, frames, pool }: Run): Promise<void> {
  const { last, versions, at } = content[role];
  const ends = frames.end(role);
  await runSession(new SessionLink(ends, openChannel(ends, role, begun(own.record))), {
    terms: content.terms,
    data: await sessionDataOf(own.data, content.terms),
    takeIdentifiers: () => encodedItems(own.items),
    scratch: new RecordStore(),
    keys,
    roundPeopleTo: own.secrets.roundPeopleTo,
    site: { ...replaySite(own, last && toHex(last)), versions, now: () => at },
    pool,
    runner: replayedShards(frames, role, own.record),
    rng: keptRng(own.secrets),
    meter: new StageMeter(),
  });
}

/** How many messages of the talk came before the statements. */
function begun(record: readonly StreamRecord[]): { readonly sent: number; readonly received: number } {
  const talk = record.find(({ stream }) => stream === "talk")?.messages ?? [];
  const first = (direction: MessageRecord["direction"]) =>
    talk.find((message) => message.type === "statement" && message.direction === direction)?.sequence ?? 0;
  return { sent: first("sent"), received: first("received") };
}

/** What a side stated. Its policy is no part of a replay; its signatures are those that it made. */
function replaySite(
  { secrets, signingKey, record }: ReplaySide,
  last: string | undefined,
): Omit<Site, "versions" | "now"> {
  return {
    sign: (bytes) => signatureOn(bytes, record, signingKey),
    signingKey,
    partnerKey: secrets.partnerKey,
    filter: secrets.filter,
    stored: secrets.stored,
    last,
    accept: () => {},
    takeUp: () => {},
    takeBudget: () => {},
    keepUnsigned: () => {},
    settle: () => {},
  };
}

/** Zeros where it signed something else: then the message that should carry the signature differs from the one it sent. */
function signatureOn(bytes: Uint8Array, record: readonly StreamRecord[], signingKey: Uint8Array): Uint8Array {
  for (const { messages } of record)
    for (const { direction, signature } of messages)
      if (direction === "sent" && signature !== undefined && verifySignature(signingKey, bytes, signature))
        return signature;
  return new Uint8Array(64);
}

function statementOf(side: Role, record: readonly StreamRecord[]): MessageName {
  const { sent } = begun(record);
  return { side, stream: "talk", sequence: sent, type: "statement" };
}
