// A partner with changed software: it connects, may propose, and says nothing more.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectTls, type LinkFrames } from "@halfroom/transport";
import { openChannel, type OpenChannel } from "@halfroom/wire";
import { encodeTerms } from "@halfroom/session";
import { onTestFinished } from "vitest";
import { patience } from "../src/config/schema.ts";
import { planReport } from "../src/run/plan.ts";
import { OVERLAP_REQUEST, type TwoNodes } from "./two-nodes.ts";

export interface SilentPartner {
  readonly frames: LinkFrames;
  readonly talk: OpenChannel;
  /** Proposes a report and gives back the first answer: accept, queued, ... Rejects as `recv` does. */
  propose(): Promise<string>;
}

/** Under the advertiser's certificate, whatever else the advertiser does. */
export async function silentPartner({ advertiser, publisher, address }: TwoNodes): Promise<SilentPartner> {
  const { frames } = await connectTls({
    address,
    identity: advertiser.identity.tls,
    purpose: "session",
    fingerprint: publisher.identity.fingerprint,
    waitMs: 60_000,
    ...patience(advertiser.settings),
  });
  onTestFinished(() => void frames.close("closed"));
  const talk = openChannel(frames, "sender");
  return {
    frames,
    talk,
    async propose() {
      const file = join(advertiser.folder.path, "silent.yaml");
      writeFileSync(file, OVERLAP_REQUEST);
      const { terms } = await planReport(advertiser, { file });
      await talk.send({ type: "propose", proposal: randomBytes(16), terms: encodeTerms(terms) });
      return (await talk.recv("answer")).decision;
    },
  };
}
