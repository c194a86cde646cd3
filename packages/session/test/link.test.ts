// The connection of a session: one channel to talk, one for the stages, and one end for both.
import { memoryFrames, recordFrames } from "@halfroom/testkit";
import { decodeFrame, openChannel, ProtocolError, type Frames } from "@halfroom/wire";
import { expect, test } from "vitest";
import { SessionLink } from "../src/link.ts";

const TERMS = new Uint8Array(3);
const digest = (byte: number) => new Uint8Array(32).fill(byte);

function linked(wrap: (frames: Frames) => Frames = (frames) => frames) {
  const [left, right] = memoryFrames({ idleMs: 20_000 });
  const ends = [wrap(left), right] as const;
  // Who talks first is no matter of the roles of the stages.
  return [
    new SessionLink(ends[0], openChannel(ends[0], "receiver")),
    new SessionLink(ends[1], openChannel(ends[1], "sender")),
  ] as const;
}

/** A message each way over the current channels. */
async function exchange([ours, theirs]: readonly [SessionLink, SessionLink], byte: number): Promise<void> {
  await ours.channel.send({ type: "done", digest: digest(byte) });
  expect((await theirs.channel.recv("done")).digest).toEqual(digest(byte));
  await theirs.channel.send({ type: "done", digest: digest(byte) });
  await ours.channel.recv("done");
}

test("the stages' channel counts, numbers and hashes anew, over the same frames", async () => {
  let log: ReturnType<typeof recordFrames>["log"] = [];
  const links = linked((frames) => {
    const recorded = recordFrames(frames);
    log = recorded.log;
    return recorded;
  });
  await links[0].channel.send({ type: "preview", terms: TERMS });
  await links[1].channel.recv("preview");
  await exchange(links, 1);
  const talked = log.length;
  const talk = links[0].channel;
  expect(links[0].begin("sender")).not.toBe(talk);
  links[1].begin("receiver");
  expect([links[0].channel.bytesSent, links[0].channel.bytesReceived]).toEqual([0, 0]);
  await exchange(links, 2);
  const sequences = log.map(({ direction, frame }) => [direction, decodeFrame(frame).sequence]);
  expect(sequences.slice(0, talked)).toEqual([
    ["sent", 0],
    ["sent", 1],
    ["received", 0],
  ]);
  expect(sequences.slice(talked)).toEqual([
    ["sent", 0],
    ["received", 0],
  ]);

  // The same stages after another talk have the same transcript, on both sides.
  const others = linked();
  others[0].begin("sender");
  others[1].begin("receiver");
  await exchange(others, 2);
  const transcripts = [...links, ...others].map(({ channel }) =>
    Buffer.from(channel.transcript()).toString("hex"),
  );
  expect(new Set(transcripts).size).toBe(1);
  expect(Buffer.from(talk.transcript()).toString("hex")).not.toBe(transcripts[0]);
});

test.each([["before"], ["after"]])(
  "an abort %s the stages begin tells the code and nothing else",
  async (when) => {
    const [ours, theirs] = linked();
    if (when === "after") {
      ours.begin("sender");
      theirs.begin("receiver");
    }
    await ours.abort(new ProtocolError("refused", "words that stay at home"));
    const error = await theirs.channel.recv("done").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "refused", fromPartner: true });
    expect(String(error)).not.toContain("words that stay");
  },
);

test("what is no error of the protocol is `internal` for the partner", async () => {
  const [ours, theirs] = linked();
  await ours.abort(new RangeError("no such file: customers.csv"));
  const error = await theirs.channel.recv("done").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "internal", fromPartner: true });
});

test("closing lets what was sent arrive, and never rejects", async () => {
  const [ours, theirs] = linked();
  await ours.channel.send({ type: "done", digest: digest(1) });
  await ours.close();
  await expect(theirs.channel.recv("done")).resolves.toMatchObject({ digest: digest(1) });
  await expect(theirs.channel.recv("done")).rejects.toMatchObject({ code: "closed" });
  await theirs.close();
  await theirs.abort(new ProtocolError("internal"));
});
