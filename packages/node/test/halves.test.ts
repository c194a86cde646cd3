// Both halves of a kept session as files that an auditor reads, and what makes them useless.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { GroupPool, systemRng } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OperatorError } from "../src/errors.ts";
import { readBundle, writeBundle, type Bundle } from "../src/replay/bundle.ts";
import { hpkePublicKey } from "../src/vault/hpke.ts";
import { ownHalf } from "../src/replay/own-half.ts";
import { packValue, unpackValue } from "../src/replay/pack.ts";
import { replayHalves } from "../src/replay/replay-halves.ts";
import { twoNodes, type TwoNodes } from "./two-nodes.ts";

let pool: GroupPool;
beforeAll(async () => (pool = await GroupPool.open(0)));
afterAll(() => pool.close());

const codeOf = (error: unknown) => (error instanceof OperatorError ? error.code : error);
const codeOfRead = (text: Uint8Array) => {
  try {
    readBundle(text);
    return "read";
  } catch (error) {
    return codeOf(error);
  }
};

async function replayable(): Promise<TwoNodes & { half(who: "advertiser" | "publisher"): Promise<Bundle> }> {
  const keys = { advertiser: systemRng.bytes(32), publisher: systemRng.bytes(32) };
  const changesOf = (who: keyof typeof keys) => ({
    settings: { recovery_key: Buffer.from(hpkePublicKey(keys[who])).toString("hex") },
  });
  const nodes = await twoNodes({
    advertiser: changesOf("advertiser"),
    publisher: changesOf("publisher"),
  });
  const { session } = await nodes.run("exact: true\nreplay: true", undefined, "revenue::double < 75");
  return { ...nodes, half: (who) => ownHalf(nodes[who], session, keys[who]) };
}

test("the halves of a session with a filter: whole, changed, of another version, of another dataset", async () => {
  const { half, advertiser } = await replayable();
  const texts = [writeBundle(await half("advertiser")), writeBundle(await half("publisher"))];
  const [sender, receiver] = texts.map(readBundle) as [Bundle, Bundle];
  expect(texts).toEqual([writeBundle(sender), writeBundle(receiver)]);
  expect(await replayHalves(sender, receiver, pool)).toMatchObject({ verdict: "clean" });

  // Cut, lengthened, altered anywhere: refused as damaged, or read as another half; no other error.
  for (const text of texts) {
    for (let length = 0; length < text.length; length += text.length >> 5)
      expect(codeOfRead(text.subarray(0, length))).toBe("damaged");
    expect(codeOfRead(Buffer.concat([text, Buffer.alloc(8)]))).toBe("damaged");
    for (let at = 0; at < text.length; at += (text.length >> 6) | 1)
      expect(["damaged", "read"]).toContain(codeOfRead(text.with(at, text[at]! ^ 1)));
  }
  const value = unpackValue(texts[1]!) as Record<string, unknown> & { people: object };
  const changed = [
    { ...value, agreement: Buffer.from("{}") },
    { ...value, people: { ...value.people, partitions: [] } },
    { ...value, role: "sender" },
    { ...value, record: { stream: "session" } },
  ];
  for (const other of changed) expect(codeOfRead(packValue(other))).toBe("damaged");

  const another = Buffer.from(sender.agreement.bytes).toString().replace('"halfroom/3', '"halfroom/4');
  const ofAnother = (bundle: Bundle) =>
    readBundle(writeBundle({ ...bundle, agreement: { ...bundle.agreement, bytes: Buffer.from(another) } }));
  await expect(replayHalves(ofAnother(sender), ofAnother(receiver), pool)).rejects.toMatchObject({
    code: "no-replay",
  });

  // The filter keeps this person out, so that no commitment covers them; who is enrolled still depends on them.
  appendFileSync(join(advertiser.folder.path, "purchases.csv"), "late@example.com,99.00\n");
  await expect(half("advertiser")).rejects.toMatchObject({ code: "replay-data" });
});

test("a half that is deeply nested, or names one array twice, is damaged", () => {
  const head = (json: string, arrays = 0) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    return Buffer.concat([Buffer.from("HfRp1"), length, Buffer.from(json), Buffer.alloc(arrays)]);
  };
  for (const text of [
    head(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
    head('{"a":{"$":["u8",0,8]},"b":{"$":["u8",0,8]}}', 8),
    head('{"a":{"$":["u8",0,8]}}', 16),
  ])
    expect(codeOfRead(text)).toBe("damaged");
  expect(unpackValue(head('{"a":{"$":["u8",0,8]}}', 8))).toEqual({ a: new Uint8Array(8) });
});

test("a sender that hands over another key of the epoch is the one at fault, and not the receiver", async () => {
  const { half } = await replayable();
  const sender = await half("advertiser");
  const receiver = await half("publisher");
  for (const byte of [0, 1, 255]) {
    const epoch = { ...sender.side.secrets.epoch!, secretKey: new Uint8Array(32).fill(byte) };
    const secrets = { ...sender.side.secrets, epoch };
    const verdict = await replayHalves({ ...sender, side: { ...sender.side, secrets } }, receiver, pool);
    expect(verdict).toMatchObject({ verdict: "unusable", side: "sender" });
  }
});
