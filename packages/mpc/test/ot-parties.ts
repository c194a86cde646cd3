// Two parties in memory for the steps that differ by role, and a partner that breaks one message.
import { loadSodium, type GroupKernel } from "@halfroom/crypto";
import { memoryFrames, recordFrames, seededRng, type Fault } from "@halfroom/testkit";
import {
  decodeFrame,
  openChannel,
  ProtocolError,
  type Channel,
  type Frames,
  type MessageType,
} from "@halfroom/wire";
import type { OtK, Role } from "@halfroom/mpc";
import type { BaseOtContext } from "../src/base-ot/protocol.ts";
import { OtReceiverSeeds, OtSenderSeeds, type OtContext } from "../src/softspoken/setup.ts";

const PATIENT_MS = 60_000;
/** Words of a 128-bit string. */
const STRING_WORDS = 4;

export const SESSION = new Uint8Array(32).fill(0x5e);
const kernel: GroupKernel = await loadSodium();

export function baseContext(seed: string, changes: Partial<BaseOtContext> = {}): BaseOtContext {
  return { session: SESSION, direction: "sender", kernel, rng: seededRng(seed), ...changes };
}

/** Runs one function for each role at once; the results and the types of the messages that each side sent. */
export async function runPair<S, R>(
  sender: (ch: Channel) => Promise<S>,
  receiver: (ch: Channel) => Promise<R>,
): Promise<{ sender: S; receiver: R; sent: Record<Role, MessageType[]> }> {
  const [left, right] = memoryFrames({ idleMs: PATIENT_MS });
  const [atSender, atReceiver] = [recordFrames(left), recordFrames(right)];
  const results = await Promise.all([
    sender(openChannel(atSender, "sender")),
    receiver(openChannel(atReceiver, "receiver")),
  ]);
  const sentBy = (frames: typeof atSender) =>
    frames.log
      .filter(({ direction }) => direction === "sent")
      .map(({ frame }) => decodeFrame(frame).message.type);
  return {
    sender: results[0],
    receiver: results[1],
    sent: { sender: sentBy(atSender), receiver: sentBy(atReceiver) },
  };
}

/** One end of the set-up of a direction, all of its steps one after the other: that which will learn both strings. */
export async function establishSender(ch: Channel, context: OtContext): Promise<OtSenderSeeds> {
  const setup = await OtSenderSeeds.begin(ch, context);
  await setup.choose(ch);
  return await setup.finish(ch);
}

/** The other end. */
export async function establishReceiver(ch: Channel, context: OtContext): Promise<OtReceiverSeeds> {
  const { seeds, finish } = await (await OtReceiverSeeds.begin(ch, context))(ch);
  await finish(ch);
  return seeds;
}

/** Both ends of the transfers of one direction; `otSender` is the one who will learn both strings. */
export async function establish(seed: string, k: OtK, changes: Partial<OtContext> = {}) {
  const context = (side: string) => ({ ...baseContext(`${seed} ${side}`), k, ...changes });
  const { sender, receiver } = await runPair(
    (ch) => establishSender(ch, context("otSender")),
    (ch) => establishReceiver(ch, context("otReceiver")),
  );
  return { otSender: sender, otReceiver: receiver };
}

/** Lets `fault` send the first frame of `type`; all others pass. */
function withFaultOn(frames: Frames, type: MessageType, fault: Fault): Frames {
  let done = false;
  return {
    send(frame) {
      if (done || decodeFrame(frame).message.type !== type) return frames.send(frame);
      done = true;
      return fault(frame, frames);
    },
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
  };
}

export interface Ending {
  readonly code: string;
  readonly fromPartner: boolean;
}

/** How a run ends for both sides when `culprit` breaks its first message of `type`; whoever fails tells the other. */
export async function runBroken(
  parties: Record<Role, (ch: Channel) => Promise<unknown>>,
  culprit: Role,
  type: MessageType,
  fault: Fault,
): Promise<Record<Role, Ending | "done">> {
  const [left, right] = memoryFrames({ idleMs: PATIENT_MS });
  const ends = { sender: left, receiver: right };
  const run = async (role: Role): Promise<Ending | "done"> => {
    const frames = role === culprit ? withFaultOn(ends[role], type, fault) : ends[role];
    const ch = openChannel(frames, role);
    try {
      await parties[role](ch);
      await ch.close();
      return "done";
    } catch (error) {
      await ch.abort(error);
      if (!(error instanceof ProtocolError)) throw error;
      return { code: error.code, fromPartner: error.fromPartner };
    }
  };
  const [sender, receiver] = await Promise.all([run("sender"), run("receiver")]);
  return { sender, receiver };
}

/** String number `index` of n x 4 words, as text to compare and collect. */
export function stringAt(strings: Uint32Array, index: number): string {
  return strings.subarray(index * STRING_WORDS, (index + 1) * STRING_WORDS).join(" ");
}

export function allStrings(...lists: readonly Uint32Array[]): string[] {
  return lists.flatMap((list) =>
    Array.from({ length: list.length / STRING_WORDS }, (_, i) => stringAt(list, i)),
  );
}
