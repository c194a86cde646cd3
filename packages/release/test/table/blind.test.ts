// A release of which the sender learns nothing: numbers with noise, opened to the receiver alone.
import { drawNoise, releaseTable, type ReleaseOutcome } from "@halfroom/release";
import { seededRng, unsigned } from "@halfroom/testkit";
import { decodeFrame, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { AlteredBits } from "./altered-bits.ts";
import { clearVerdict, type ClearTable } from "./model.ts";
import { randomTable, setupOf, type BareRules } from "./random-tables.ts";
import { runTable, withGates, type PartyInput, type TableSetup } from "./table-parties.ts";

const RULES: BareRules = {
  mode: "noise",
  threshold: 20n,
  pair: false,
  totals: false,
  opensTo: "receiver",
  blindSender: true,
};
const KIND = { rows: 37, padding: 27, categories: 1, measures: [{ squares: true }, { squares: false }] };

/** A run over these tables with noise that is zero. */
function quietly(tables: readonly ClearTable[], rules: BareRules, seed: string): TableSetup {
  const setup = setupOf(tables, rules, seed);
  const none = () => new BigInt64Array(setup.numbers.length);
  return { ...setup, noise: { sender: none(), receiver: none() } };
}

/** What opens of these tables by the rules in the clear. */
function expectedOf(tables: readonly ClearTable[], rules: BareRules) {
  const opened = tables.flatMap((table) => clearVerdict(table, rules).opened.flat(2));
  const numbers = tables.flatMap((table) => table.numbers.flat(2));
  return {
    opened: Uint8Array.from(opened, Number),
    values: BigInt64Array.from(numbers, (value, i) => (opened[i] ? value : 0n)),
  };
}

type Run = Awaited<ReturnType<typeof runTable>>;

/** All that goes both ways at the sender: types and lengths. */
/** Each way in its order: which of two messages that cross comes first is a matter of time alone. */
const senderView = ({ log }: Run) =>
  (["sent", "received"] as const).flatMap((way) =>
    log.sender
      .filter(({ direction }) => direction === way)
      .map(({ frame }) => `${decodeFrame(frame).message.type} ${frame.length}`),
  );

/** Section 13.5 B: what goes both ways at the sender, without gates and the transfers, which the tests' dealer brings. */
function blindMessages({ receiver }: Run): (readonly [direction: string, type: string, bytes: number])[] {
  const [rows, columns] = [KIND.rows + KIND.padding, 4];
  const [flips, corrections] = [Math.ceil(rows / 32) * 4, rows * columns * 8];
  expect(receiver.table.opened).toHaveLength(rows * columns);
  const transcripts = ["sent", "received"].map((direction) => [direction, "transcript", 128] as const);
  // People of 20 bits and a sign, and of 100 the noise; sums of 40 bits; squares of 60.
  const opening = Math.ceil((rows * (22 + 42 + 62 + 42)) / 8);
  return [
    ["received", "productFlips", flips],
    ["sent", "productFlips", flips],
    ["sent", "productCorrections", corrections],
    ["received", "productCorrections", corrections],
    ...transcripts,
    ["sent", "passCommitment", 32],
    ["sent", "passOpening", 32 + rows / 8],
    ...transcripts,
    ["sent", "cellCommitment", 32],
    ["sent", "cellOpeningNonce", 32],
    ["sent", "cellOpening", opening],
  ];
}

const eachWay = (messages: ReturnType<typeof blindMessages>) =>
  ["sent", "received"].map((way) => messages.filter(([direction]) => direction === way));

/** The same of a run. */
const afterGates = ({ log }: Run) =>
  log.sender.flatMap(({ direction, frame }) => {
    const { type, ...fields } = decodeFrame(frame).message;
    const bytes = Object.values(fields as Record<string, Uint8Array>).reduce(
      (sum, { length }) => sum + length,
      0,
    );
    return type === "gateOpening" ? [] : [[direction, type, bytes] as const];
  });

describe.each([
  ["standard rules", RULES],
  ["the rule of 85 %", { ...RULES, pair: true }],
  ["several entries", { ...RULES, entriesMax: 3 }],
] as const)("%s", (_, rules) => {
  test("the receiver gets what the rules open, the sender nothing", async () => {
    let passed = 0;
    for (let seed = 0; seed < 6; seed++) {
      const table = randomTable(KIND, rules, `blind ${seed}`);
      const { sender, receiver, left } = await runTable(quietly([table], rules, `blind ${seed}`));
      const expected = expectedOf([table], rules);
      passed += expected.opened.filter((is) => is === 1).length;
      expect(receiver.table).toEqual(expected);
      expect(sender.table).toEqual({ opened: new Uint8Array(expected.opened.length), values: undefined });
      expect(sender.rows).toEqual([]);
      for (const facts of Object.values(sender.pair ?? {})) expect([...facts]).not.toContain(1);
      expect(left).toBe(0);
    }
    expect(passed).toBeGreaterThan(0);
  });
});

test("several partitions open alike", async () => {
  const tables = [KIND, { ...KIND, rows: 5, padding: 0 }].map((kind, i) =>
    randomTable(kind, RULES, `parts ${i}`),
  );
  const { receiver } = await runTable(quietly(tables, RULES, "parts"));
  const expected = expectedOf(tables, RULES);
  expect(receiver.table).toEqual(expected);
  expect(expected.opened).toContain(1);
});

test("drawn noise is in what opens", async () => {
  const table = randomTable(KIND, RULES, "blind 0");
  const setup = quietly([table], RULES, "drawn");
  const draw = (role: string) => drawNoise(setup.shape, setup.rules.noise!, seededRng(`drawn ${role}`));
  const noise = { sender: draw("sender"), receiver: draw("receiver") };
  const { receiver } = await runTable({ ...setup, noise });
  expect(receiver.table.opened).toContain(1);
  receiver.table.opened.forEach((is, i) => {
    const value = is === 1 ? setup.numbers[i]! + noise.sender[i]! + noise.receiver[i]! : 0n;
    expect(receiver.table.values![i]).toBe(value);
  });
});

test("a sender sees as many messages of the same lengths, whether all numbers pass or none", async () => {
  const table = randomTable(KIND, RULES, "blind 0");
  const where = (people: bigint): ClearTable => ({
    ...table,
    numbers: table.numbers.map((row) => row.map((cell) => cell.map((_, c) => (c === 0 ? people : 0n)))),
  });
  const runs = [];
  for (const people of [0n, 500n]) {
    const tables = [where(people)];
    const run = await runTable(quietly(tables, RULES, "view"));
    expect(run.receiver.table).toEqual(expectedOf(tables, RULES));
    runs.push(run);
  }
  const [none, all] = runs as [Run, Run];
  expect(none.receiver.rows).toEqual([]);
  expect(all.receiver.rows).toHaveLength(KIND.rows);
  expect(senderView(all)).toEqual(senderView(none));
  expect(eachWay(afterGates(all))).toEqual(eachWay(blindMessages(all)));

  // What both sides see in the other one-sided releases is not the same.
  const seeing = { ...RULES, blindSender: false };
  const [few, many] = [
    await runTable(quietly([where(0n)], seeing, "view")),
    await runTable(quietly([where(500n)], seeing, "view")),
  ];
  expect(senderView(many)).not.toEqual(senderView(few));
  expect(many.sender.rows).toHaveLength(KIND.rows);
});

describe("a sender that changes what it sends", () => {
  /** Of the rows with people some pass and some do not. */
  const SEED = "blind 1";
  const table = randomTable(KIND, RULES, SEED);
  const honest = expectedOf([table], RULES);

  /** How the receiver ends when the sender's messages are what `edit` makes of them. */
  async function receiverEnd(
    edit: (message: Message) => Message,
  ): Promise<ReleaseOutcome | { readonly code: string }> {
    let end: unknown;
    const variant = async (input: PartyInput): Promise<ReleaseOutcome> => {
      const cheats = input.role === "sender";
      const send: PartyInput["ch"]["send"] = (message) =>
        input.ch.send(cheats ? (edit(message) as typeof message) : message);
      // The cheat says that it saw what the receiver saw, whatever it sent itself.
      const transcript = () => new Uint8Array(32);
      const ch: PartyInput["ch"] = { send, recv: (type) => input.ch.recv(type) };
      try {
        const outcome = await releaseTable(withGates({ ...input, transcript: unsigned({ transcript }), ch }));
        if (!cheats) end = outcome;
        return outcome;
      } catch (error) {
        if (!cheats) end = error;
        throw error;
      }
    };
    await runTable({ ...quietly([table], RULES, SEED), variant }).catch(() => {});
    return end as ReleaseOutcome | { readonly code: string };
  }

  const flipped = (bytes: Uint8Array, at: number, bit = 1) =>
    bytes.map((byte, i) => (i === at ? byte ^ bit : byte));

  test.each(["passOpening", "cellOpening"] as const)(
    "is caught when its %s is not what it committed to",
    async (type) => {
      const end = await receiverEnd((message) => {
        if (message.type !== type) return message;
        return message.type === "passOpening"
          ? { ...message, share: flipped(message.share, 0) }
          : { ...message, data: flipped((message as Message<"cellOpening">).data, 0) };
      });
      expect(end).toMatchObject({ code: "commitment" });
    },
  );

  test("its share of a bit and opens it so opens a row of too few people: the receiver drops all, and the sender sees no other message for it", async () => {
    const seen = { honest: [] as string[], flipped: [] as string[] };
    const row = table.rowBases.findIndex((people, i) => people > 0 && honest.opened[i * 4] === 0);
    const runOf = async (change: (input: PartyInput) => PartyInput, view: keyof typeof seen) => {
      const run = await runTable({
        ...quietly([table], RULES, SEED),
        variant: (input) => releaseTable(input.role === "sender" ? change(input) : input),
      });
      seen[view] = senderView(run);
      return run.receiver;
    };
    await runOf(withGates, "honest");
    const opened = await runOf(
      (input) => ({
        ...input,
        gates: new AlteredBits(input, (bits) => (bits[row >>> 5]! ^= 1 << (row & 31))),
      }),
      "flipped",
    );
    expect(opened).toMatchObject({ impossible: expect.any(String), table: { values: undefined } });
    expect(seen.flipped).toEqual(seen.honest);
  });

  test("and changes products alters numbers in their widths, without a message that says of which rows", async () => {
    const seen: string[] = [];
    const end = await receiverEnd((message) => {
      seen.push(message.type);
      return message.type === "productCorrections" ? { ...message, data: flipped(message.data, 0) } : message;
    });
    expect(end).toMatchObject({ rows: expect.any(Array) as number[] });
    const { opened, values } = (end as ReleaseOutcome).table;
    // Which numbers pass is as before; closed ones stay zero in the report, whatever the products say.
    expect(opened).toEqual(honest.opened);
    opened.forEach((is, i) => {
      if (is === 0) expect(values![i]).toBe(0n);
    });
    expect(seen.at(-1)).toBe("cellOpening");
  });
});

test.each([
  ["exact numbers", { mode: "exact" }, 1],
  ["a result to both", { opensTo: "both" }, 1],
  ["categories", {}, 2],
] as const)("%s are refused with a blind sender before anything is sent", async (_, change, categories) => {
  const rules = { ...RULES, ...change };
  const table = randomTable({ ...KIND, categories }, rules, "blind 0");
  await expect(runTable(quietly([table], rules, "refused"))).rejects.toThrow(/the sender is blind only/);
});
