// Two sides that ask for the same get one session id; any difference ends both with a stable code.
import type { Role } from "@halfroom/mpc";
import { replaceMessage, seededRng, withFault } from "@halfroom/testkit";
import { PEOPLE_MAX, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { agree, type Agreement, type Proposal } from "../src/hello.ts";
import type { Terms } from "../src/terms/terms.types.ts";
import { exactSums } from "../src/terms/bounds.ts";
import { bothEnds, codes } from "../../node/test/both-ends.ts";

const TERMS = exactSums({
  measures: [
    { name: "amount", low: -500n, high: 50_000n, decimals: 2 },
    { name: "orders", low: 0n, high: 10n, decimals: 0 },
  ],
  groupBy: ["campaign", "age_band"],
  threshold: 50,
  otK: 4,
});
const POLICY = { thresholdMin: 11, peopleMin: 1000 };
const PROPOSALS: Record<Role, Proposal> = {
  sender: { role: "sender", terms: TERMS, policy: POLICY, people: 1000, shape: [1] },
  receiver: { role: "receiver", terms: TERMS, policy: POLICY, people: 2000, shape: [64] },
};
const ROLES: readonly Role[] = ["sender", "receiver"];

interface Changes {
  readonly sender?: Partial<Proposal>;
  readonly receiver?: Partial<Proposal>;
  readonly seed?: string;
}

function run({ sender, receiver, seed = "seed" }: Changes = {}) {
  const changes = { sender, receiver };
  return bothEnds((ch, role) =>
    agree(ch, { ...PROPOSALS[role], ...changes[role] }, seededRng(`${seed} ${role}`)),
  );
}

async function sessionOf(changes: Changes = {}): Promise<string> {
  const { sender, receiver } = await run(changes);
  expect(receiver.result).toEqual(sender.result);
  return Buffer.from(sender.result!.session).toString("hex");
}

describe("two sides that ask for the same", () => {
  test("agree on sizes, cells and a session id", async () => {
    const { sender, receiver } = await run();
    const expected: Agreement = {
      session: expect.any(Uint8Array) as Uint8Array,
      senderPeople: 1000,
      receiverPeople: 2000,
      categories: 1,
      cells: [64],
    };
    expect(sender.result).toEqual(expected);
    expect(receiver.result).toEqual(expected);
    expect(sender.result!.session).toHaveLength(32);
  });

  test("get another session id for anything that is different", async () => {
    const both = (terms: Terms, shape = [64]) => ({ sender: { terms }, receiver: { terms, shape } });
    const sessions = await Promise.all([
      sessionOf(),
      sessionOf({ seed: "other nonces" }),
      sessionOf({ sender: { people: 1001 } }),
      sessionOf({ receiver: { people: 2001 } }),
      sessionOf({ sender: { people: 2000 }, receiver: { people: 1000 } }),
      sessionOf({ receiver: { shape: [128] } }),
      sessionOf({ sender: { shape: [2] } }),
      ...changedTerms().map(([, terms, shape]) => sessionOf(both(terms, shape))),
    ]);
    expect(new Set(sessions).size).toBe(sessions.length);
    expect(await sessionOf()).toBe(sessions[0]);
  });
});

/** The terms with one field after the other changed. */
function changedTerms(): [string, Terms, number[]?][] {
  const [amount, orders] = TERMS.measures as [Terms["measures"][0], Terms["measures"][0]];
  const withMeasures = (...measures: Terms["measures"]) => ({ ...TERMS, measures });
  return [
    ["the name of a measure", withMeasures({ ...amount, name: "Amount" }, orders)],
    ["a lower bound", withMeasures({ ...amount, low: -501n }, orders)],
    ["an upper bound", withMeasures({ ...amount, high: 50_001n }, orders)],
    ["decimals", withMeasures({ ...amount, decimals: 3 }, orders)],
    ["the order of measures", withMeasures(orders, amount)],
    ["a measure more", withMeasures(amount, orders, { ...orders, name: "more" })],
    ["no measures", withMeasures()],
    ["the order of groups", { ...TERMS, partitions: [["age_band", "campaign"]] }],
    ["a group less", { ...TERMS, partitions: [["campaign"]] }],
    ["names that only look the same joined", { ...TERMS, partitions: [["campaign,age_band"]] }],
    ["the threshold", { ...TERMS, threshold: 51 }],
    ["two lists of groups", { ...TERMS, partitions: [["campaign"], ["age_band"]] }, [64, 64]],
    ["the sender's groups", { ...TERMS, senderGroupBy: ["segment"] }],
    ["the kind", { ...TERMS, report: "index" }],
    ["the match keys", { ...TERMS, match: [{ key: "email", label: "email/uid2-1" }] }],
    ["who gets the result", { ...TERMS, resultTo: "sender" }],
    ["the rules", { ...TERMS, rules: "pair" }],
    ["k", { ...TERMS, otK: 8 }],
  ];
}

describe("sides that ask for different reports both end with `agreement`", () => {
  test.each(changedTerms())("for %s", async (_, terms) => {
    const ends = await run({ sender: { terms } });
    expect(codes(ends, "sender")).toEqual(["agreement", "agreement"]);
    expect(String(ends.sender.error)).not.toContain("campaign");
  });

  test.each(ROLES)("for two in the role of the %s", async (role) => {
    const ends = await bothEnds((ch, side) => agree(ch, PROPOSALS[role], seededRng(side)));
    expect(codes(ends, "sender")).toEqual(["agreement", "agreement"]);
  });
});

describe("a policy refuses: its side ends with `refused`, the partner hears of it", () => {
  const wide = { name: "wide", low: -(2n ** 52n), high: 0n, decimals: 0 };
  const unsafe = { ...TERMS, measures: [wide] };
  const lenient = { thresholdMin: 0, peopleMin: 0 };

  test.each(ROLES)("of the %s alone, the partner's being lower", async (role) => {
    const partner = role === "sender" ? "receiver" : "sender";
    for (const policy of [
      { ...lenient, thresholdMin: 51 },
      { ...lenient, peopleMin: 1001 },
    ]) {
      const ends = await run({ [partner]: { policy: lenient }, [role]: { policy } });
      expect(codes(ends, role)).toEqual(["refused", "refused from partner"]);
    }
  });

  test.each<[string, Changes]>([
    [
      "a threshold below it",
      { sender: { terms: { ...TERMS, threshold: 10 } }, receiver: { terms: { ...TERMS, threshold: 10 } } },
    ],
    ["too few people of the sender", { sender: { people: 999 } }],
    ["too few people of the receiver", { receiver: { people: 999 } }],
    ["nobody", { sender: { people: 0 }, receiver: { people: 0 } }],
    ["a sum that could reach 2^62", { sender: { terms: unsafe, people: 1024 }, receiver: { terms: unsafe } }],
  ])("on both sides for %s", async (_, changes) => {
    const ends = await run(changes);
    expect(codes(ends, "sender")).toEqual(["refused", "refused"]);
  });

  test("nothing that is just within its bounds", async () => {
    const [threshold, policy] = [11, { thresholdMin: 11, peopleMin: 1000 }];
    const terms = { ...TERMS, threshold, measures: [wide] };
    const ends = await run({
      sender: { terms, policy, people: 1023 },
      receiver: { terms, policy, people: PEOPLE_MAX },
    });
    expect(codes(ends, "sender")).toEqual(["none", "none"]);
  });
});

describe("a partner that says something else than it should", () => {
  /** Runs an honest side against one whose message number `index` goes out as `edit` makes it. */
  async function against(liar: Role, index: number, edit: (message: Message) => Message) {
    const ends = await bothEnds(
      (ch, role) => agree(ch, PROPOSALS[role], seededRng(role)),
      (frames, role) => (role === liar ? withFault(frames, index, replaceMessage(edit)) : frames),
    );
    return codes(ends, liar === "sender" ? "receiver" : "sender");
  }
  const hello = (fields: object) => (message: Message) => ({ ...message, ...fields }) as Message;

  test.each(ROLES)("the %s of another version: `version`", async (liar) => {
    for (const protocol of ["halfroom/2", "", "halfroom/1"]) {
      expect(await against(liar, 0, hello({ protocol }))).toEqual(["version", "version from partner"]);
    }
  });

  test("a role that is none: `malformed`", async () => {
    expect((await against("receiver", 0, hello({ role: "observer" })))[0]).toBe("malformed");
    expect((await against("receiver", 0, hello({ role: "" })))[0]).toBe("malformed");
  });

  test.each([0, 3, 63, 65])("%i cells, which is no power of two: `malformed`", async (cells) => {
    const shape = new Uint8Array(Uint32Array.of(cells).buffer);
    expect(await against("receiver", 0, hello({ shape }))).toEqual(["malformed", "malformed from partner"]);
  });

  test("cells of another number of partitions: `malformed`", async () => {
    const shape = new Uint8Array(Uint32Array.of(64, 64).buffer);
    expect((await against("receiver", 0, hello({ shape })))[0]).toBe("malformed");
  });

  test.each([[[0]], [[65]], [[1, 1]]])("%j categories: `malformed`", async (numbers) => {
    const shape = new Uint8Array(Uint32Array.from(numbers).buffer);
    expect((await against("sender", 0, hello({ shape })))[0]).toBe("malformed");
  });

  test.each(ROLES)("other sizes of the %s than it computes with: `agreement`", async (liar) => {
    expect((await against(liar, 0, hello({ people: 3000 })))[0]).toBe("agreement");
  });

  test.each(ROLES)("another session id of the %s: `agreement`", async (liar) => {
    const edit = hello({ session: new Uint8Array(32) });
    expect((await against(liar, 1, edit))[0]).toBe("agreement");
  });
});
