// One release with a liar: its shares, its bits and its messages are what it likes. A release is a hundred times quicker than a
// session, and is where a lie becomes a number.
import { releaseTable, tableColumns, type ReleaseOutcome, type ReleaseRules } from "@halfroom/release";
import { otherRole, ROLES, type Role } from "@halfroom/session";
import { seededRng } from "@halfroom/testkit";
import { ProtocolError } from "@halfroom/wire";
import { AlteredBits } from "../../packages/release/test/table/altered-bits.ts";
import { runTable, withGates, type PartyInput } from "../../packages/release/test/table/table-parties.ts";
import { diceOf } from "./dice.ts";
import { altered, lieAbout, type Dice } from "./lie.ts";
import { HANG_MS, within, wrongError, type Played, type Verdict } from "./play.ts";

const ROWS = 5;
const KEYS = 1n;
const THRESHOLD = 20n;
const MEASURE = { low: -5n, high: 100n };
const NOISE = { mechanism: "laplace", scale: { numerator: 1n, denominator: 2n } } as const;
/** Beyond what both sides' noise reaches of any number of these tables, so that honest sides are never out of bounds. */
const ROOM = 60n;
/** Messages of a release, most of them gates. */
const MESSAGES = 24;

export async function playRelease(
  seed: string,
  roll = diceOf(seededRng(`lies/release/${seed}`)),
): Promise<Played> {
  const liar = ROLES[roll(2)]!;
  const setup = setupOf(roll, seed);
  const { mode, totals, opensTo } = setup.rules;
  const kind = `${mode}${totals ? ", totals" : ""}${setup.rules.pair ? ", 85 %" : ""}, to ${opensTo}`;
  let resolve!: (end: unknown) => void;
  const ended = new Promise<unknown>((settle) => (resolve = settle));
  const variant = async (input: PartyInput): Promise<ReleaseOutcome> => {
    const isLiar = input.role === liar;
    try {
      const outcome = isLiar
        ? await releaseTable(lying(input, roll), () => undefined)
        : await releaseTable(input);
      if (!isLiar) resolve(outcome);
      return outcome;
    } catch (error) {
      if (!isLiar) resolve(error);
      throw error;
    }
  };
  await runTable({ ...setup, variant }).catch(() => {});
  // Where the liar fails first, the honest side is told, and ends a moment later.
  const end = await within(HANG_MS, ended);
  const common = { seed, kind, liar };
  const none = { fault: undefined, checked: 0 };
  if (end === undefined) return { ...common, ...none, end: "hang", fault: "the honest side has no end" };
  if (end instanceof Error) {
    const code = end instanceof ProtocolError ? end.code : end.name;
    return { ...common, end: code, fault: wrongError(end), checked: 0 };
  }
  const outcome = end as ReleaseOutcome;
  if (outcome.impossible !== undefined) return { ...common, ...none, end: "impossible, untold" };
  return { ...common, end: "kept", ...checkNumbers(outcome, setup, otherRole(liar)) };
}

type Setup = ReturnType<typeof setupOf>;

function setupOf(roll: Dice, seed: string) {
  const mode = roll(2) === 0 ? "exact" : "noise";
  const columns = tableColumns([{ squares: roll(2) === 0 }], mode);
  const opensTo = (["both", "both", ...ROLES] as const)[roll(4)]!;
  const rules: ReleaseRules = {
    mode,
    noise: mode === "exact" ? undefined : [columns.map(() => NOISE)],
    limits: {
      keys: KEYS,
      peopleMax: 1000n,
      baseMax: 2000n,
      measures: [MEASURE],
      sumsFollowPeople: roll(3) > 0,
    },
    threshold: THRESHOLD,
    pair: roll(4) === 0,
    totals: mode === "exact" && roll(2) === 0,
    opensTo,
    blindSender: mode === "noise" && opensTo === "receiver" && roll(2) === 0,
  };
  const people = Array.from({ length: ROWS }, (_, row) => (row < 3 ? 20 + roll(200) : 0));
  const receiver = Uint32Array.from(people, (each, row) => (row === 3 ? 0 : 2 * each + 50));
  const numbers = people.flatMap((each) =>
    columns.map(({ kind }) => {
      if (kind === "people" || kind === "contributors") return BigInt(each);
      return kind === "sum" ? BigInt(each * (roll(105) - 5)) : BigInt(each * roll(10_000));
    }),
  );
  const none = new BigInt64Array(numbers.length);
  return {
    shape: { partitions: [ROWS], categories: 1, columns },
    rules,
    numbers,
    bases: { receiver, sender: Uint32Array.of(1000) },
    ...(mode === "exact" ? {} : { noise: { sender: none, receiver: none } }),
    seed,
  };
}

function lying(input: PartyInput, roll: Dice): PartyInput {
  const shares = input.own.shares.slice();
  const own = new BigInt64Array(shares.buffer);
  const changes = roll(4);
  for (let i = 0; i < changes; i++) own[roll(own.length)]! += BigInt(roll(2 ** 31)) << BigInt(roll(33));
  const small = roll(3);
  for (let i = 0; i < small; i++) own[roll(own.length)]! += BigInt(roll(2000) - 1000);
  const bases = roll(4) === 0 ? input.own.bases.map((size) => size + roll(100)) : input.own.bases;
  const places = new Set(Array.from({ length: roll(3) }, () => roll(MESSAGES)));
  const flips = roll(3);
  let sent = 0;
  const ch: PartyInput["ch"] = {
    async send(message) {
      const said = places.has(sent++) ? lieAbout(message, roll) : [message];
      // What is left out makes a partner wait, which the sessions cover.
      for (const each of said.length === 0 ? [message] : said) await input.ch.send(each as typeof message);
    },
    recv: (type) => input.ch.recv(type),
  };
  const changed = withGates({ ...input, ch, own: { ...input.own, shares, bases } });
  if (flips === 0) return changed;
  return { ...changed, gates: new AlteredBits(changed, (bits) => altered(bits, flips === 1, roll)) };
}

/** The bounds of section 13.5 C as they read, number by number. */
function checkNumbers(
  { table: { opened, values } }: ReleaseOutcome,
  { shape, rules, bases }: Setup,
  honest: Role,
): Verdict {
  let checked = 0;
  if (values === undefined) return { fault: undefined, checked };
  const wrong = (fault: string): Verdict => ({ fault, checked });
  const room = rules.mode === "exact" ? 0n : ROOM;
  const { columns } = shape;
  for (let row = 0; row < ROWS; row++) {
    const number = (index: number) =>
      opened[row * columns.length + index] === 1 ? values[row * columns.length + index] : undefined;
    const people = number(0);
    if (people === undefined) continue;
    const most = BigInt(honest === "sender" ? bases.sender[0]! : bases.receiver[row]!);
    checked++;
    if (most === 0n) return wrong("padding opened");
    if (people < THRESHOLD) return wrong("fewer people than the threshold");
    if (people > most + room) return wrong("more people than the side has");
    for (const [index, column] of columns.entries()) {
      const value = number(index);
      if (column.kind !== "sum" || value === undefined) continue;
      checked++;
      if (value < MEASURE.low * most - room || value > MEASURE.high * most + room)
        return wrong("a sum of no people's values");
    }
  }
  return { fault: undefined, checked };
}
