// What every source of transfers must do, over `establishTransfers` alone: what a protocol relies on, in both directions.
import { getBit } from "@halfroom/crypto";
import { bothEnds, openOtSource, randomTriples, type OtSource, type OtTerms, type Role } from "@halfroom/mpc";
import { runParties, testTransfers } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { allStrings, runPair, SESSION, stringAt } from "./ot-parties.ts";

const SOURCES: OtTerms[] = [
  { source: "softspoken", k: 2 },
  { source: "softspoken", k: 4 },
  { source: "softspoken", k: 8 },
  { source: "silent", k: 4 },
];
const COUNT = 333;

describe.each(SOURCES)("$source with k = $k", ({ source, k }) => {
  let sources: Readonly<Record<Role, OtSource>>;
  let established: string[];
  beforeAll(async () => {
    const run = await testTransfers(SESSION, undefined, k, source);
    sources = run;
    established = run.log.sender.map(
      ({ direction, frame }) => `${direction} ${decodeFrame(frame).message.type}`,
    );
  });

  /** Strings of one supply in the direction of `role`, which learns both. */
  async function draw(role: Role, purpose: string, shard: number, parties = sources) {
    const { sender, receiver } = await runParties(async (ch, here) =>
      here === role
        ? { both: await parties[here].sending(purpose, shard).blocks(ch, COUNT) }
        : { one: await parties[here].receiving(purpose, shard).blocks(ch, COUNT) },
    );
    return {
      both: (role === "sender" ? sender : receiver).both!,
      one: (role === "sender" ? receiver : sender).one!,
    };
  }

  test("sets up both directions at once", () => {
    expect(established).toEqual([
      "sent baseOtKey",
      "received baseOtKey",
      "received baseOtChoices",
      "sent baseOtChoices",
      "sent treeCorrections",
      "received treeCorrections",
    ]);
  });

  test.each<Role>(["sender", "receiver"])(
    "gives the chosen string and not the other, direction %s",
    async (role) => {
      const { both, one } = await draw(role, "chosen", 0);
      for (let i = 0; i < COUNT; i++) {
        const [wanted, other] = getBit(one.choices, i) === 1 ? [both.one, both.zero] : [both.zero, both.one];
        expect(stringAt(one.chosen, i)).toBe(stringAt(wanted, i));
        expect(stringAt(one.chosen, i)).not.toBe(stringAt(other, i));
      }
      expect(new Set(allStrings(both.zero, both.one)).size).toBe(2 * COUNT);
    },
  );

  test("gives other strings for another direction, purpose or shard", async () => {
    const draws = [
      await draw("sender", "a", 0),
      await draw("receiver", "a", 0),
      await draw("sender", "b", 0),
      await draw("sender", "a", 1),
    ];
    const strings = draws.flatMap(({ both }) => allStrings(both.zero, both.one));
    expect(new Set(strings).size).toBe(strings.length);
  });

  test("lets the end that chooses run ahead: it never waits for the other", async () => {
    let chosen: () => void;
    const done = new Promise<void>((resolve) => (chosen = resolve));
    const { sender, receiver } = await runPair(
      async (ch) => {
        await done;
        return await sources.sender.sending("ahead", 0).blocks(ch, COUNT);
      },
      async (ch) => {
        const drawn = await sources.receiver.receiving("ahead", 0).blocks(ch, COUNT);
        chosen();
        return drawn;
      },
    );
    expect(receiver.chosen.length).toBe(sender.zero.length);
  });

  test("opens again from its state, as plain data, in another place", async () => {
    const reopened = {
      sender: openOtSource(structuredClone(sources.sender.state())),
      receiver: openOtSource(structuredClone(sources.receiver.state())),
    };
    for (const role of ["sender", "receiver"] as const)
      expect(await draw(role, "state", 7, reopened)).toEqual(await draw(role, "state", 7));
    expect(reopened.sender.state()).toMatchObject({ source, k, role: "sender" });
  });

  test("makes triples from both ends of a purpose", async () => {
    const words = 40;
    const { sender, receiver } = await runParties((ch, role) =>
      randomTriples(ch, bothEnds(sources[role], "triples", 0), words),
    );
    const open = (part: "a" | "b" | "c") => sender[part].map((share, i) => share ^ receiver[part][i]!);
    const [a, b, c] = [open("a"), open("b"), open("c")];
    expect(c).toEqual(a.map((word, i) => word & b[i]!));
    expect(a.some((word) => word !== 0) && b.some((word) => word !== 0)).toBe(true);
  });
});
