// Partners that open something else than they committed to, or another number of bits, in each round of a table's release.
import type { Role } from "@halfroom/mpc";
import { releaseTable, type ReleaseOutcome, type ReleaseTableInput } from "@halfroom/release";
import { unsigned } from "@halfroom/testkit";
import { decodeFrame, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { ROLES } from "../release-parties.ts";
import { randomTable, rulesOf, shapeOf, type BareRules } from "./random-tables.ts";
import { runTable, withGates, type PartyInput, type TableSetup } from "./table-parties.ts";

const RULES: BareRules = { mode: "exact", threshold: 20n, pair: true, totals: true, opensTo: "both" };
const SEED = "hostile 4";

function setup(rules = RULES): TableSetup {
  const kind = { rows: 11, padding: 5, categories: 2, measures: [{ squares: false }] };
  const table = randomTable(kind, rules, SEED);
  const shape = shapeOf([table]);
  return {
    shape,
    rules: rulesOf(rules, shape),
    numbers: table.numbers.flat(2),
    bases: { receiver: Uint32Array.from(table.rowBases), sender: Uint32Array.from(table.categoryBases) },
    seed: SEED,
  };
}

/** The publications of a release, in order. */
const PUBLICATIONS = ["table", "people's totals", "sums' totals"] as const;

/**
 * Runs a release in which `cheat` sends what `edit` makes of its messages, told how many of the type it sent before.
 * Returns how the honest side ends, and what it had sent by then.
 */
async function honestEnd(
  cheat: Role,
  edit: (message: Message, before: number) => Message,
  rules?: BareRules,
): Promise<{ end: unknown; sent: string[] }> {
  let end: unknown = "nothing";
  const sent: string[] = [];
  const variant = async (input: PartyInput): Promise<ReleaseOutcome> => {
    const honest = input.role !== cheat;
    const before = new Map<string, number>();
    const send: PartyInput["ch"]["send"] = (message) => {
      const count = before.get(message.type) ?? 0;
      before.set(message.type, count + 1);
      if (honest) sent.push(message.type);
      return input.ch.send(honest ? message : (edit(message, count) as typeof message));
    };
    // The cheat says that it saw what the honest side saw, whatever it sent itself.
    const transcript = () => new Uint8Array(32);
    try {
      const ch: PartyInput["ch"] = { send, recv: (type) => input.ch.recv(type) };
      return await releaseTable(withGates({ ...input, transcript: unsigned({ transcript }), ch }));
    } catch (error) {
      if (honest) end = error;
      throw error;
    }
  };
  await runTable({ ...setup(rules), variant }).catch(() => {});
  return { end, sent };
}

const flip = (bytes: Uint8Array, at = 0) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

test("the table that is attacked has every round", async () => {
  const { log } = await runTable(setup());
  const types = log.sender
    .filter(({ direction }) => direction === "sent")
    .map(({ frame }) => decodeFrame(frame).message.type)
    .filter((type) => type !== "gateOpening");
  const publication = ["transcript", "passCommitment", "passOpening"];
  const opening = ["transcript", "cellCommitment", "cellOpeningNonce", "cellOpening"];
  expect(types).toEqual([...PUBLICATIONS.flatMap(() => publication), ...opening]);
});

describe.each(ROLES)("when the %s cheats", (cheat) => {
  describe.each(PUBLICATIONS.map((name, round) => [name, round] as const))(
    "on the bits of the %s",
    (_, round) => {
      const inRound = (edit: (m: Message<"passOpening">) => Message) => (m: Message, before: number) =>
        m.type === "passOpening" && before === round ? edit(m) : m;

      test.each([
        ["another bit", inRound((m) => ({ ...m, share: flip(m.share) }))],
        ["another nonce", inRound((m) => ({ ...m, nonce: flip(m.nonce, 31) }))],
        ["one byte more", inRound((m) => ({ ...m, share: Buffer.concat([m.share, Buffer.alloc(1)]) }))],
      ] as const)("%s is no opening, and nothing of the next round leaves", async (name, edit) => {
        const { end, sent } = await honestEnd(cheat, edit);
        expect(end, name).toMatchObject({ code: "commitment" });
        expect(sent.filter((type) => type === "passCommitment")).toHaveLength(round + 1);
        expect(sent).not.toContain("cellOpening");
      });

      test("a commitment of another round does not open", async () => {
        let first: Message | undefined;
        const { end } = await honestEnd(cheat, (m, before) => {
          if (m.type !== "passCommitment") return m;
          first ??= m;
          return before === round && round > 0
            ? first
            : { ...m, commitment: flip(m.commitment, round === before ? 0 : -1) };
        });
        expect(end).toMatchObject({ code: "commitment" });
      });
    },
  );

  test.each([
    [
      "number",
      (m: Message) => (m.type === "cellOpening" ? { ...m, data: flip(m.data, 3) } : m),
      "commitment",
    ],
    [
      "nonce",
      (m: Message) => (m.type === "cellOpeningNonce" ? { ...m, nonce: flip(m.nonce) } : m),
      "commitment",
    ],
    [
      "count of numbers",
      (m: Message) => (m.type === "cellOpening" ? { ...m, data: m.data.slice(8) } : m),
      "count",
    ],
  ] as const)("another %s is no opening", async (_, edit, code) => {
    expect((await honestEnd(cheat, edit)).end).toMatchObject({ code });
    const alone = { ...RULES, opensTo: cheat === "sender" ? ("receiver" as const) : ("sender" as const) };
    expect((await honestEnd(cheat, edit, alone)).end).toMatchObject({ code });
  });

  test("gate openings of another length are refused", async () => {
    const { end, sent } = await honestEnd(cheat, (m, before) =>
      m.type === "gateOpening" && before === 9 ? { ...m, data: m.data.slice(4) } : m,
    );
    expect(end).toMatchObject({ code: "count" });
    expect(sent).not.toContain("passCommitment");
  });
});

test.each([0, 1, 2, 3])(
  "where transcripts differ at comparison %i, nothing of that round opens",
  async (comparison) => {
    const sent: string[] = [];
    const variant = (input: PartyInput) => {
      let seen = 0;
      const transcript = () =>
        new Uint8Array(32).fill(seen++ === comparison && input.role === "sender" ? 1 : 0);
      const send: PartyInput["ch"]["send"] = (message) => {
        if (input.role === "sender") sent.push(message.type);
        return input.ch.send(message);
      };
      const ch: PartyInput["ch"] = { send, recv: (type) => input.ch.recv(type) };
      return releaseTable(withGates({ ...input, transcript: unsigned({ transcript }), ch }));
    };
    await expect(runTable({ ...setup(), variant })).rejects.toMatchObject({ code: "transcript" });
    // A commitment, which hides what it is to, leaves behind the transcript; its opening waits for the comparison.
    expect(sent.filter((type) => type === "passOpening")).toHaveLength(comparison);
    expect(sent).not.toContain("cellOpening");
  },
);

describe("inputs that do not fit are refused before anything is sent", () => {
  const wrong: readonly (readonly [string, (input: PartyInput) => Partial<ReleaseTableInput>])[] = [
    ["threshold 0", ({ rules }) => ({ rules: { ...rules, threshold: 0n } })],
    [
      "noise in exact mode",
      ({ own }) => ({ own: { ...own, noise: new BigInt64Array(own.shares.length / 2) } }),
    ],
    [
      "no noise with noise",
      ({ rules, shape }) => ({
        rules: { ...rules, mode: "noise", totals: false },
        shape: {
          ...shape,
          columns: [{ kind: "people" }, { kind: "sum", measure: 0 }, { kind: "sum", measure: 1 }],
        },
      }),
    ],
    ["totals with noise", ({ rules }) => ({ rules: { ...rules, mode: "noise" } })],
    ["two partitions of an exact report", ({ shape }) => ({ shape: { ...shape, partitions: [8, 8] } })],
    ["no partition", ({ shape }) => ({ shape: { ...shape, partitions: [] } })],
    [
      "columns without contributors",
      ({ shape }) => ({ shape: { ...shape, columns: shape.columns.slice(0, 2) } }),
    ],
    [
      "people in another place",
      ({ shape }) => ({ shape: { ...shape, columns: shape.columns.toReversed() } }),
    ],
    [
      "more numbers than one message of bits",
      ({ shape }) => ({ shape: { ...shape, partitions: [2 ** 21] } }),
    ],
    ["shares of another table", ({ own }) => ({ own: { ...own, shares: own.shares.subarray(2) } })],
    ["bases of another table", ({ own }) => ({ own: { ...own, bases: own.bases.subarray(1) } })],
  ];

  test.each(wrong)("%s", async (_, change) => {
    const sent: string[] = [];
    const variant = (input: PartyInput) => {
      const ch: PartyInput["ch"] = {
        recv: (type) => input.ch.recv(type),
        send: async (message) => void sent.push(message.type),
      };
      return releaseTable(withGates({ ...input, ch, ...change(input) }));
    };
    await expect(runTable({ ...setup(), variant })).rejects.toThrow(RangeError);
    expect(sent).toEqual([]);
  });
});
