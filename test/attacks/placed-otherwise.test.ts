// What the check of the bins leaves to a party that deviates (protocol-spec.md, section 18, messages of the match): which
// pseudonym acts in a bin, and under which of its bins the sender has a person. Nothing stops either; both are bounded as
// here.
import { randomWords } from "@halfroom/crypto";
import { binOprf, type BinOprf } from "@halfroom/match";
import { seededRng, testSession, testTransfers } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { randomCase, runMembership } from "../../packages/match/test/membership-parties.ts";

const PSEUDONYM_BYTES = 64;
const KEY_WORDS = 8;
const PEOPLE = 1024;
const session = testSession("placed otherwise");
const people = randomCase(
  { sender: PEOPLE, receiver: PEOPLE, shared: PEOPLE, measures: 0 },
  seededRng("placed otherwise"),
);

async function matches(oprf: BinOprf, shard: number): Promise<bigint> {
  const transfers = await testTransfers(session);
  const run = await runMembership(people, { session, transfers, shard, seed: "placed", binOprf: oprf });
  return run.senderShares.reduce(
    (sum, share, bin) => sum + BigInt.asIntN(64, share + run.receiverShares[bin]!),
    0n,
  );
}

describe("a receiver that puts one person into every bin", () => {
  test("counts it up to three times, in its three bins and in no other, and nothing stops it", async () => {
    const counts: bigint[] = [];
    for (let person = 0; person < 4; person++) {
      const one = people.receiver.subarray(person * PSEUDONYM_BYTES, (person + 1) * PSEUDONYM_BYTES);
      const everywhere: BinOprf = {
        ...binOprf,
        receiver(ch, context, pseudonyms, supply, rng) {
          const placed = new Uint8Array(pseudonyms.length);
          for (let at = 0; at < placed.length; at += PSEUDONYM_BYTES) placed.set(one, at);
          return binOprf.receiver(ch, context, placed, supply, rng);
        },
      };
      counts.push(await matches(everywhere, 10 + person));
    }
    // A quarter of the bins are empty in the receiver's own plan, and decode nothing.
    for (const count of counts) expect([1n, 2n, 3n]).toContain(count);
    expect(counts.reduce((a, b) => a + b)).toBeGreaterThan(4n);
  });
});

describe("a sender that stores its people under the first of their three bins alone", () => {
  test("matches those whom the receiver placed there, about a third or more, and nothing stops it", async () => {
    const firstAlone: BinOprf = {
      ...binOprf,
      async sender(ch, context, bins, supply) {
        const binKeys = await binOprf.sender(ch, context, bins, supply);
        return {
          keys(entryBins, owners, pseudonyms) {
            const keys = binKeys.keys(entryBins, owners, pseudonyms);
            const noise = randomWords(seededRng("noise"), keys.length);
            return keys.map((word, at) => (Math.floor(at / KEY_WORDS) % 3 === 0 ? word : noise[at]!));
          },
        };
      },
    };
    const [honest, some] = [await matches(binOprf, 2), await matches(firstAlone, 3)];
    expect(honest).toBe(BigInt(PEOPLE));
    expect(Number(some)).toBeGreaterThan(PEOPLE / 5);
    expect(Number(some)).toBeLessThan((PEOPLE * 4) / 5);
  });
});
