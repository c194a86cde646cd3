// What each side's view of the match depends on. Of all that a side receives, the partner's people and values touch only
// messages that are masked, and the masks hide every bit of them.
import { arrayKernels } from "@halfroom/crypto";
import { binOprf, type BinOprf } from "@halfroom/match";
import { otherRole, type Role } from "@halfroom/mpc";
import { testTransfers, seededRng, testSession } from "@halfroom/testkit";
import { decodeFrame, sendBulk, type BulkType } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { bulk, unchecked } from "./decode-attack.ts";
import { randomCase, runMembership, type MembershipCase } from "./membership-parties.ts";

const SIZES = { sender: 60, receiver: 70, measures: 2 };
const session = testSession("views");

/** Two inputs of equal public sizes that have nothing else in common. */
const none = randomCase({ ...SIZES, shared: 0 }, seededRng("none"));
const all = randomCase({ ...SIZES, shared: 60 }, seededRng("all"));

/** One run; `coins` names the randomness of the transfers, `seed` all other. */
async function run(people: MembershipCase, coins: string, seed = "fixed", oprf: BinOprf = binOprf) {
  const rngs = { sender: seededRng(`${coins}/s`), receiver: seededRng(`${coins}/r`) };
  const transfers = await testTransfers(session, rngs);
  const { log } = await runMembership(people, { session, transfers, shard: 0, seed, binOprf: oprf });
  return log;
}
type Log = Awaited<ReturnType<typeof run>>;

const typesOf = (log: Log, role: Role) =>
  log[role]
    .filter(({ direction }) => direction === "received")
    .map(({ frame }) => decodeFrame(frame).message.type);
const received = (log: Log, role: Role, type: string) =>
  log[role]
    .filter(({ direction, frame }) => direction === "received" && decodeFrame(frame).message.type === type)
    .map(({ frame }) => Buffer.from(frame).toString("hex"));

describe("with the same randomness, for two inputs of the same sizes", () => {
  const views = Promise.all([run(none, "same"), run(all, "same")]);

  test.each(["sender", "receiver"] as const)(
    "the %s gets messages of the same types and lengths",
    async (role) => {
      const [first, second] = (await views).map((log) =>
        log[role].map(({ direction, frame }) => [direction, frame.length]),
      );
      expect(second).toEqual(first);
      const [one, other] = (await views).map((log) => typesOf(log, role));
      expect(other).toEqual(one);
    },
  );

  test.each([
    [
      "sender",
      ["otCorrections"],
      ["binMatrix", "binCheck", "gateOpening", "productFlips", "productCorrections"],
    ],
    ["receiver", ["otCorrections"], ["store", "gateOpening", "productFlips", "productCorrections"]],
  ] as const)(
    "the %s gets the same bytes in all messages that are not masked",
    async (role, plain, masked) => {
      const [one, other] = await views;
      expect(new Set(typesOf(one, role))).toEqual(new Set([...plain, ...masked]));
      for (const type of plain) expect(received(other, role, type), type).toEqual(received(one, role, type));
      for (const type of masked)
        expect(received(other, role, type), type).not.toEqual(received(one, role, type));
    },
  );
});

/** Bits of the data of all messages of one type, over runs: how many were the same in each, and how many were set. */
class BitTally {
  runs = 0;
  ones = 0;
  #and: Uint8Array = new Uint8Array();
  #or: Uint8Array = new Uint8Array();

  add(data: Uint8Array): void {
    if (this.runs++ === 0) [this.#and, this.#or] = [data.slice(), data.slice()];
    data.forEach((byte, i) => {
      this.#and[i]! &= byte;
      this.#or[i]! |= byte;
      for (let bits = byte; bits > 0; bits &= bits - 1) this.ones++;
    });
  }

  get bits(): number {
    return this.#and.length * 8;
  }

  get constant(): number {
    let constant = this.bits;
    this.#and.forEach((byte, i) => {
      for (let bits = byte ^ this.#or[i]!; bits > 0; bits &= bits - 1) constant--;
    });
    return constant;
  }
}

/** With 32 runs a bit that is uniform is constant by chance with probability 2^-31; about 2^21 are looked at. */
const RUNS = 32;

async function tallies(role: Role, types: readonly BulkType[], runs: number, oprf?: BinOprf) {
  const tally = new Map(types.map((type) => [type, new BitTally()]));
  for (let i = 0; i < runs; i++) {
    // The partner's people and values stay; so does what it draws for the places of its people.
    const log = await run(all, `coins ${i}`, role === "sender" ? "fixed" : `masks ${i}`, oprf);
    for (const [type, each] of tally) each.add(bulk(log[otherRole(role)], "sent", type));
  }
  return tally;
}

describe("over 32 runs on the same people and values, each with other randomness", () => {
  test.each([
    ["sender", ["binMatrix", "gateOpening", "productFlips", "productCorrections"]],
    ["receiver", ["store", "gateOpening", "productFlips", "productCorrections"]],
  ] as const)("no bit that the %s gets is constant, and half of them are set", async (role, types) => {
    for (const [type, tally] of await tallies(role, types, RUNS)) {
      expect(tally.bits, type).toBeGreaterThan(1000);
      expect(tally.constant, type).toBe(0);
      const bits = tally.bits * RUNS;
      expect(Math.abs(tally.ones - bits / 2), type).toBeLessThan(2.5 * Math.sqrt(bits));
    }
  });

  test("a per-bin OPRF that sends its codewords without a mask is found out in every bit of them", async () => {
    const unmasked: BinOprf = {
      sender: unchecked.sender,
      async receiver(ch, _context, pseudonyms, rot) {
        const bins = pseudonyms.length / 64;
        const rows = Math.ceil(bins / 128) * 128 + 128;
        const padded = new Uint8Array(rows * 64);
        padded.set(pseudonyms);
        const { zero } = rot;
        const columns = arrayKernels.transposeBits(new Uint32Array(padded.buffer), rows, 512);
        await sendBulk(ch, "binMatrix", new Uint8Array(columns.buffer));
        await ch.send({ type: "binCheck", sums: new Uint8Array(108 * 16), digest: new Uint8Array(32) });
        return new Uint32Array(bins * 8).map((_, i) => zero[i % zero.length]!);
      },
    };
    const tally = (await tallies("sender", ["binMatrix"], 3, unmasked)).get("binMatrix")!;
    expect(tally.constant).toBe(tally.bits);
  });
});
