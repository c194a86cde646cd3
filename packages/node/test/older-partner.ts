// A partner of an earlier version: its node ends what it cannot read as malformed, and refuses whatever it can.
import { decodeTerms, sendAnswer } from "@halfroom/session";
import { listenTls, splitAddress } from "@halfroom/transport";
import { detached, ignored, openChannel, ProtocolError, type OpenChannel } from "@halfroom/wire";
import { onTestFinished } from "vitest";
import type { TwoNodes } from "./two-nodes.ts";

export interface Asked {
  /** The name of the proposal; undefined where a preview asked. */
  readonly proposal: string | undefined;
  readonly terms: string;
}

/** Listens in the publisher's place, which the advertiser then dials. `reads`: whether it can read these terms. Returns what it was asked. */
export async function olderPartner(
  { publisher, dial }: TwoNodes,
  reads: (terms: string) => boolean,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const answer = async (talk: OpenChannel) => {
    const message = await talk.recvOneOf(["propose", "preview"]);
    const terms = Buffer.from(message.terms).toString("utf8");
    const proposal = message.type === "propose" ? Buffer.from(message.proposal).toString("hex") : undefined;
    asked.push({ proposal, terms });
    if (!reads(terms)) return await talk.abort(new ProtocolError("malformed"));
    const reasons = [{ code: "no-policy", words: "no" }] as const;
    const refusal = { decision: "refuse", terms: decodeTerms(message.terms), reasons, peopleMin: 0 } as const;
    await sendAnswer(talk, refusal);
    await talk.close();
  };
  const listener = await listenTls({
    ...splitAddress("127.0.0.1:0"),
    idleMs: 60_000,
    resumeMs: 0,
    identity: publisher.identity.tls,
    admit: () => true,
    meet: ({ frames }) => detached(() => answer(openChannel(frames, "receiver")), ignored),
  });
  onTestFinished(() => listener.close());
  dial(listener.address);
  return asked;
}
