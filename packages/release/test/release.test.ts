// The release against a plain threshold on the clear table.
import { asBigUint64, randomWords } from "@halfroom/crypto";
import { otherRole, type Role } from "@halfroom/mpc";
import { plainRelease, runParties, seededRng, type PlainReleaseInput } from "@halfroom/testkit";
import { decodeFrame, ProtocolError, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { openBits } from "../src/steps.ts";
import {
  ROLES,
  runRelease,
  SESSION,
  sentBy,
  setupOf,
  type ReleaseSetup,
  type Table,
} from "./release-parties.ts";

const THRESHOLD = 50n;

/** People around the threshold, sums of up to 61 bits. */
function randomTable(cells: number, columns: number, seed: string): Table {
  const rng = seededRng(seed);
  return Array.from({ length: cells }, () => {
    const [people, ...sums] = new BigInt64Array(randomWords(rng, columns * 2).buffer);
    return [BigInt.asUintN(7, people!), ...sums.map((sum) => BigInt.asIntN(61, sum))];
  });
}

async function expectPlainThreshold(table: Table, threshold = THRESHOLD, seed = "table") {
  const run = await runRelease(setupOf(table, threshold, seed));
  const passing = table.filter(([people]) => people! >= threshold);
  for (const role of ROLES) {
    expect([...run[role].passed]).toEqual(table.map(([people]) => Number(people! >= threshold)));
    expect([...run[role].values]).toEqual(passing.flat());
  }
  return { run, passing };
}

describe("opens the cells that reach the threshold and no other", () => {
  test.each([1, 7, 8, 9, 33, 64, 1000])("of %i", async (cells) => {
    await expectPlainThreshold(randomTable(cells, 2, `cells ${cells}`));
  });

  test.each([1, 2, 3, 4, 5, 6, 17])("with %i columns", async (columns) => {
    await expectPlainThreshold(randomTable(20, columns, `columns ${columns}`));
  });

  test("at the threshold, next to it, and where people are negative or none", async () => {
    const people = [49n, 50n, 51n, 0n, -1n, -50n, 2n ** 40n, -(2n ** 40n)];
    await expectPlainThreshold(people.map((count) => [count, -count]));
    await expectPlainThreshold(
      [
        [0n, 5n],
        [1n, 6n],
      ],
      1n,
    );
  });

  test("with sums at the ends of their range", async () => {
    const sums = [2n ** 61n, -(2n ** 61n), -1n, 2n ** 60n];
    await expectPlainThreshold(sums.map((sum) => [60n, sum]));
  });
});

/** The lowest `width` bits of each number, one after the other, lowest bits first. */
function packed(numbers: readonly bigint[], width: number): Buffer {
  const all = numbers.reduceRight((bits, each) => (bits << BigInt(width)) | BigInt.asUintN(width, each), 0n);
  const bytes = Math.ceil((numbers.length * width) / 8);
  return Buffer.from(all.toString(16).padStart(bytes * 2, "0"), "hex").reverse();
}

describe("what leaves a side", () => {
  test("is its share of each passing cell in 63 bits a number, and of no other", async () => {
    const table = randomTable(40, 3, "leaves");
    const setup = setupOf(table, THRESHOLD, "leaves");
    const run = await runRelease(setup);
    for (const role of ROLES) {
      const shares = asBigUint64(setup.shares[role]);
      const passing = table.flatMap(([people], cell) =>
        people! < THRESHOLD ? [] : [...shares.subarray(cell * 3, cell * 3 + 3)],
      );
      const opened = sentBy(run, role, "cellOpening").map(({ data }) => Buffer.from(data));
      expect(Buffer.concat(opened)).toEqual(packed(passing, 63));
    }
  });

  test("is no opening at all where no cell passes, and the rest as ever", async () => {
    const { run } = await expectPlainThreshold([
      [49n, 1n],
      [0n, 0n],
    ]);
    for (const role of ROLES) {
      expect(sentBy(run, role, "cellOpening")).toEqual([]);
      expect(sentBy(run, role, "cellCommitment")).toHaveLength(1);
      expect(sentBy(run, role, "cellOpeningNonce")).toHaveLength(1);
    }
  });

  test("is committed to under a nonce of its own before the partner's share is known", async () => {
    const { run } = await expectPlainThreshold(randomTable(9, 2, "order"));
    for (const role of ROLES) {
      const messages = run.log[role].map(
        ({ direction, frame }) => `${direction} ${decodeFrame(frame).message.type}`,
      );
      // What stands together is sent before anything of the partner's is taken, but for the last, which waits for nothing.
      const steps = [["transcript", "passCommitment"], ["passOpening"], ["transcript", "cellCommitment"]];
      const expected = steps.flatMap((types) => [
        ...types.map((type) => `sent ${type}`),
        ...types.map((type) => `received ${type}`),
      ]);
      const last = ["cellOpeningNonce", "cellOpening"];
      expect(messages.slice(-expected.length - 2 * last.length, -2 * last.length)).toEqual(expected);
      for (const direction of ["sent", "received"])
        expect(messages.slice(-2 * last.length).filter((name) => name.startsWith(direction))).toEqual(
          last.map((type) => `${direction} ${type}`),
        );
    }
    const nonces = ROLES.flatMap((role) => [
      ...sentBy(run, role, "passOpening").map(({ nonce }) => nonce),
      ...sentBy(run, role, "cellOpeningNonce").map(({ nonce }) => nonce),
    ]);
    expect(new Set(nonces.map((nonce) => Buffer.from(nonce).toString("hex"))).size).toBe(4);
  });
});

/** Runs a release in which `cheat` sends what `edit` makes of its messages; returns how the honest side ends. */
async function honestEnd(
  setup: ReleaseSetup,
  cheat: Role,
  edit: (message: Message) => Message,
): Promise<unknown> {
  let end: unknown = "nothing";
  const edited = async (input: PlainReleaseInput) => {
    const { ch } = input;
    const lying: PlainReleaseInput["ch"] = {
      recv: (type) => ch.recv(type),
      send: (message) => ch.send(edit(message) as typeof message),
    };
    try {
      return await plainRelease(input.role === cheat ? { ...input, ch: lying } : input);
    } catch (error) {
      if (input.role !== cheat) end = error;
      throw error;
    }
  };
  await runRelease({ ...setup, variant: edited }).catch(() => {});
  return end;
}

describe("a side that opens something else than it committed to", () => {
  const flip = (bytes: Uint8Array, at = 0) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const edits: [string, (message: Message) => Message][] = [
    ["another pass bit", (m) => (m.type === "passOpening" ? { ...m, share: flip(m.share) } : m)],
    [
      "another nonce of the pass bits",
      (m) => (m.type === "passOpening" ? { ...m, nonce: flip(m.nonce, 31) } : m),
    ],
    [
      "a pass share a byte longer",
      (m) => (m.type === "passOpening" ? { ...m, share: Uint8Array.of(...m.share, 0) } : m),
    ],
    ["other people", (m) => (m.type === "cellOpening" ? { ...m, data: flip(m.data) } : m)],
    ["another sum", (m) => (m.type === "cellOpening" ? { ...m, data: flip(m.data, m.data.length - 1) } : m)],
    [
      "another nonce of the cells",
      (m) => (m.type === "cellOpeningNonce" ? { ...m, nonce: flip(m.nonce) } : m),
    ],
    [
      "nothing that fits its commitment to the pass bits",
      (m) => (m.type === "passCommitment" ? { ...m, commitment: flip(m.commitment, 7) } : m),
    ],
    [
      "nothing that fits its commitment to the cells",
      (m) => (m.type === "cellCommitment" ? { ...m, commitment: flip(m.commitment, 31) } : m),
    ],
  ];
  const setup = setupOf(
    [
      [60n, 1n],
      [70n, 2n],
      [3n, 3n],
    ],
    THRESHOLD,
    "cheat",
  );

  test.each(ROLES.flatMap((role) => edits.map(([what, edit]) => [role, what, edit] as const)))(
    "the %s with %s: the other side ends with `commitment`",
    async (role, _, edit) => {
      const end = await honestEnd(setup, role, edit);
      expect(end).toBeInstanceOf(ProtocolError);
      expect(end).toMatchObject({ code: "commitment", fromPartner: false });
    },
  );

  test.each(ROLES)("the %s with too few cells: the other side ends with `count`", async (role) => {
    const short = (m: Message) => (m.type === "cellOpening" ? { ...m, data: m.data.subarray(8) } : m);
    expect(await honestEnd(setup, role, short)).toMatchObject({ code: "count", fromPartner: false });
  });

  test("which it copies from the partner is found out: a commitment names its role", async () => {
    const { log } = await runRelease(setup);
    const theirs = sentBy({ log }, "sender", "passCommitment")[0]!;
    const copy = (m: Message) => (m.type === "passCommitment" ? theirs : m);
    expect(await honestEnd(setup, "receiver", copy)).toMatchObject({ code: "commitment" });
  });
});

test.each([
  [1, "passOpening"],
  [2, "cellOpeningNonce"],
] as const)(
  "where transcripts differ at comparison %i, both sides end before the %s",
  async (comparison, type) => {
    const sent: string[] = [];
    const variant = async (input: PlainReleaseInput) => {
      let left = comparison;
      const transcript = () => new Uint8Array(32).fill(--left === 0 && input.role === "sender" ? 1 : 0);
      const send: PlainReleaseInput["ch"]["send"] = async (message) => {
        sent.push(message.type);
        await input.ch.send(message);
      };
      const ch: PlainReleaseInput["ch"] = { recv: (expected) => input.ch.recv(expected), send };
      return plainRelease({ ...input, ch, transcript });
    };
    const run = runRelease({ ...setupOf([[60n, 1n]], THRESHOLD, "differ"), variant });
    await expect(run).rejects.toMatchObject({ code: "transcript" });
    expect(sent).toContain("gateOpening");
    expect(sent).not.toContain(type);
  },
);

describe("pass bits", () => {
  test("beyond the last cell are `malformed`, of another length `count`", () => {
    expect(openBits(Uint8Array.of(0b101), Uint8Array.of(0b011), 3)).toEqual(Uint8Array.of(0, 1, 1));
    expect(() => openBits(Uint8Array.of(0), Uint8Array.of(8), 3)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
    expect(() => openBits(Uint8Array.of(0), Uint8Array.of(0, 0), 3)).toThrow(
      expect.objectContaining({ code: "count" }),
    );
    expect(openBits(Uint8Array.of(1), Uint8Array.of(0x81), 8)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
  });
});

test("a table of another size and a threshold below 1 are refused before anything is sent", async () => {
  const setup = setupOf([[60n, 1n]], THRESHOLD, "refused");
  for (const wrong of [{ threshold: 0n }, { cells: 2 }, { cells: 0 }, { columns: 3 }]) {
    const run = runParties(async (ch, role) => {
      const { shares, triples: _, ...sizes } = { ...setup, ...wrong };
      const triples = { take: () => expect.fail("no triples are needed") };
      await plainRelease({
        ...sizes,
        ch,
        role,
        session: SESSION,
        shares: shares[role],
        triples,
        rng: seededRng(otherRole(role)),
        transcript: () => new Uint8Array(32),
      });
    });
    await expect(run).rejects.toThrow(RangeError);
  }
});
