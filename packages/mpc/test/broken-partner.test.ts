// A partner that breaks one message of any step: a typed error on both sides, never a result, never a wait.
import { bitWords, FixedKeyAes, randomWords } from "@halfroom/crypto";
import {
  equality,
  equalityTripleWords,
  Gates,
  nonNegative,
  nonNegativeTripleWords,
  products,
  randomTriples,
  type Role,
} from "@halfroom/mpc";
import { cut, replaceMessage, retype, seededRng, truncate, type Fault } from "@halfroom/testkit";
import type { BulkType, Channel, Message } from "@halfroom/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { and, dealTriples } from "./gmw-parties.ts";
import {
  baseContext,
  establish,
  establishReceiver,
  establishSender,
  runBroken,
  SESSION,
} from "./ot-parties.ts";

type Parties = Record<Role, (ch: Channel) => Promise<unknown>>;
type Ends = Awaited<ReturnType<typeof establish>>;

let there: Ends;
let back: Ends;
beforeAll(async () => {
  there = await establish("broken there", 4);
  back = await establish("broken back", 4, { direction: "receiver" });
});

const COUNT = 129;
const COLUMNS = 3;
const context = (side: string) => ({ ...baseContext(`broken ${side}`), k: 4 as const });
const words = (label: string, count: number) => randomWords(seededRng(label), count);
const stretch = () => new FixedKeyAes("test/stretch", SESSION);

/** Each message of the package: its step, who sends it, and parties that run the step anew. */
const MESSAGES: [string, BulkType, Role, () => Parties][] = [
  [
    "base transfers of the extension",
    "baseOtChoices",
    "sender",
    () => ({
      sender: (ch) => establishSender(ch, context("s")),
      receiver: (ch) => establishReceiver(ch, context("r")),
    }),
  ],
  [
    "trees of the extension",
    "treeCorrections",
    "receiver",
    () => ({
      sender: (ch) => establishSender(ch, context("s")),
      receiver: (ch) => establishReceiver(ch, context("r")),
    }),
  ],
  [
    "random transfers of strings",
    "otCorrections",
    "receiver",
    () => ({
      sender: (ch) => there.otSender.fork("blocks", 0).blocks(ch, COUNT),
      receiver: (ch) => there.otReceiver.fork("blocks", 0).blocks(ch, COUNT),
    }),
  ],
  [
    "random transfers of bits",
    "otCorrections",
    "receiver",
    () => ({
      sender: (ch) => there.otSender.fork("bits", 0).bits(ch, COUNT),
      receiver: (ch) => there.otReceiver.fork("bits", 0).bits(ch, COUNT),
    }),
  ],
  ...(["sender", "receiver"] as const).map((culprit): [string, BulkType, Role, () => Parties] => [
    "triples",
    "otCorrections",
    culprit,
    () => ({
      sender: (ch) =>
        randomTriples(
          ch,
          { sending: there.otSender.fork("t", 0), receiving: back.otReceiver.fork("t", 0) },
          33,
        ),
      receiver: (ch) =>
        randomTriples(
          ch,
          { sending: back.otSender.fork("t", 0), receiving: there.otReceiver.fork("t", 0) },
          33,
        ),
    }),
  ]),
  ...(["otCorrections", "productFlips", "productCorrections"] as const).map(
    (type): [string, BulkType, Role, () => Parties] => [
      "products",
      type,
      type === "productCorrections" ? "sender" : "receiver",
      () => ({
        sender: async (ch) => {
          const strings = await there.otSender.fork("p", 0).blocks(ch, COUNT);
          const alphas = words("alphas", COUNT * COLUMNS * 2);
          return products(ch, COUNT, { numbers: { strings, stretch: stretch(), alphas, columns: COLUMNS } });
        },
        receiver: async (ch) => {
          const strings = await there.otReceiver.fork("p", 0).blocks(ch, COUNT);
          const bits = words("bits", bitWords(COUNT));
          return products(ch, COUNT, { bits: { strings, stretch: stretch(), bits, columns: COLUMNS } });
        },
      }),
    ],
  ),
  ...(["sender", "receiver"] as const).flatMap((culprit): [string, BulkType, Role, () => Parties][] => {
    const both = (party: (ch: Channel, role: Role) => Promise<unknown>): Parties => ({
      sender: (ch) => party(ch, "sender"),
      receiver: (ch) => party(ch, "receiver"),
    });
    return [
      [
        "an AND",
        "gateOpening",
        culprit,
        () => {
          const triples = dealTriples(7, seededRng("and"));
          return both((ch, role) => and(new Gates(ch, role, triples[role]), words("x", 7), words("y", 7)));
        },
      ],
      [
        "an equality",
        "gateOpening",
        culprit,
        () => {
          const triples = dealTriples(equalityTripleWords(COUNT, 61), seededRng("equality"));
          return both((ch, role) =>
            equality(new Gates(ch, role, triples[role]), words("values", COUNT * 2), COUNT, 61),
          );
        },
      ],
      [
        "a comparison",
        "gateOpening",
        culprit,
        () => {
          const triples = dealTriples(nonNegativeTripleWords(COUNT, 26), seededRng("comparison"));
          return both((ch, role) =>
            nonNegative(new Gates(ch, role, triples[role]), [
              { shares: words("shares", COUNT * 2), n: COUNT, width: 26 },
            ]),
          );
        },
      ],
    ];
  }),
];

/** The message with `more` bytes of data more, or less. */
function resized(more: number): Fault {
  return replaceMessage((message) => {
    const { type, data } = message as Message<"store">;
    const changed = new Uint8Array(Math.max(1, data.length + more));
    changed.set(data.subarray(0, changed.length));
    return { type, data: changed };
  });
}

const FAULTS: [string, Fault, string][] = [
  ["a byte less", resized(-1), "count"],
  ["a byte more", resized(1), "count"],
  ["a word less", resized(-4), "count"],
  ["a word more", resized(4), "count"],
  ["nearly nothing", resized(-(2 ** 19)), "count"],
  ["another type", retype("store"), "unexpected"],
  ["an end too early", truncate(1), "malformed"],
];

describe.each(MESSAGES)("%s: %s of the %s", (_step, type, culprit, parties) => {
  const victim = culprit === "sender" ? "receiver" : "sender";

  test.each(FAULTS)("%s is refused", async (_name, fault, code) => {
    const ends = await runBroken(parties(), culprit, type, fault);
    expect(ends[victim]).toEqual({ code, fromPartner: false });
    // The culprit is told, unless it had nothing left to wait for.
    if (ends[culprit] !== "done") expect(ends[culprit]).toEqual({ code, fromPartner: true });
  });

  test("a lost connection ends both sides", async () => {
    const ends = await runBroken(parties(), culprit, type, cut);
    expect(ends[victim]).toEqual({ code: "closed", fromPartner: false });
    expect(ends[culprit]).toEqual({ code: "closed", fromPartner: false });
  });

  test("unbroken, both sides are done", async () => {
    const ends = await runBroken(parties(), culprit, type, (frame, frames) => frames.send(frame));
    expect(ends).toEqual({ sender: "done", receiver: "done" });
  });
});
