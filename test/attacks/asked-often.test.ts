// A partner that asks for a report again and again, and breaks each session off once it has read the other side's statement:
// sizes in statements are exact and cost nothing.
import { openChannel, ProtocolError } from "@halfroom/wire";
import { connectTls } from "@halfroom/transport";
import { decodeStatement, keyFingerprint, propose, type Answer } from "@halfroom/session";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { patience } from "../../packages/node/src/config/schema.ts";
import { planReport } from "../../packages/node/src/run/plan.ts";
import { OVERLAP_REQUEST, twoNodes, type TwoNodes } from "../../packages/node/test/two-nodes.ts";

/** The publisher's people, as its statement says, or why it states nothing. */
async function readSize({ advertiser, publisher, address }: TwoNodes): Promise<number | Answer["reasons"]> {
  const file = join(advertiser.folder.path, "sizes.yaml");
  writeFileSync(file, OVERLAP_REQUEST);
  const { terms } = await planReport(advertiser, { file });
  const { frames } = await connectTls({
    address,
    identity: advertiser.identity.tls,
    purpose: "session",
    fingerprint: publisher.identity.fingerprint,
    waitMs: 60_000,
    ...patience(advertiser.settings),
  });
  const talk = openChannel(frames, "sender");
  const { decision, reasons } = await propose(talk, randomBytes(16), terms, () => {});
  if (decision !== "accept") {
    await talk.close();
    return reasons;
  }
  const { statement } = await talk.recv("statement");
  const { people } = decodeStatement(statement, "sender", keyFingerprint(publisher.identity.signingKey));
  await talk.abort(new ProtocolError("closed"));
  return people;
}

const TRIES = 50;
const UNLIMITED = { statements_per_hour: 1000, statements_per_day: 1000 };

async function readSizes(policy: Record<string, unknown>) {
  // What the door lets in of one partner in a second would be the first limit to be met.
  const settings = { partner_connections_per_second: 1000, address_handshakes_per_second: 1000 };
  const nodes = await twoNodes({ publisher: { policy, settings } });
  const read: Awaited<ReturnType<typeof readSize>>[] = [];
  for (let i = 0; i < TRIES; i++) read.push(await readSize(nodes));
  expect(nodes.publisher.ledger.entries()).toEqual([]);
  return { sizes: read.filter((each) => each === 60).length, last: read.at(-1) };
}

test("a partner asks, reads the sizes and breaks off, without a limit of rate: it reads 50 of 50, and nothing is charged", async () => {
  expect(await readSizes(UNLIMITED)).toEqual({ sizes: TRIES, last: 60 });
});

test("a partner asks, reads the sizes and breaks off, under the limits of a policy: it reads 20 of 50, then hears `rate`", async () => {
  const last = [{ code: "rate", words: expect.stringMatching(/20 statements of sizes in an hour/) }];
  expect(await readSizes({})).toEqual({ sizes: 20, last });
});
