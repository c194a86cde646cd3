// From statements to signatures, over a channel that somebody in between alters: nothing but what was meant is signed by both.
import { GroupPool } from "@halfroom/crypto";
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import { replaceMessage, seededRng, testIdentity, testStatements, TERMS } from "@halfroom/testkit";
import { decodeFrame, ProtocolError, type Frames, type Message } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";
import { signAgreement, type Agreement, type SignedAgreement } from "../src/agreement/agreement.ts";
import { opened } from "../src/agreement/openings.ts";
import { signerOf } from "../src/agreement/keys.ts";
import { statementRecord } from "../src/agreement/statement.ts";
import { agree } from "../src/talk/agree.ts";
import type { Terms } from "../src/terms/terms.ts";
import { ALTERED } from "./altered.ts";
import { bothSides, DATA, type Changes, type SideChanges } from "./sides.ts";
import { siteOf } from "./sites.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const mallory = testIdentity("mallory");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const SESSION = /^[0-9a-f]{64}$/;

/** Both sides from statements to signatures: a session id, `stored` and another one, or the code that a side ended with. */
async function run(changes: Changes = {}): Promise<[sender: string, receiver: string]> {
  const { sender, receiver } = await bothSides(
    pool,
    async (link, input) => {
      const agreed = await agree(link.channel, input);
      if (agreed.stored !== undefined) return `stored ${agreed.stored}`;
      await agreed.pseudonyms.stop();
      return hex(agreed.signed.agreement.session);
    },
    changes,
  );
  return [sender, receiver];
}

/** Alters the first message of a type that a side sends. */
function altering<T extends Message["type"]>(
  type: T,
  edit: (message: Message<T>) => Message<T>,
): (frames: Frames) => Frames {
  let done = false;
  const fault = replaceMessage((message) => edit(message as Message<T>) as Message);
  return (frames) => ({
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
    send: async (frame) => {
      if (done || decodeFrame(frame).message.type !== type) return await frames.send(frame);
      done = true;
      return await fault(frame, frames);
    },
  });
}

/** Notes the types of all that a side sends. */
function noting(types: string[]): (frames: Frames) => Frames {
  return (frames) => ({
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
    send: async (frame) => {
      types.push(decodeFrame(frame).message.type);
      await frames.send(frame);
    },
  });
}

test("both sides sign the same agreement, of which each side's owner hears in order", async () => {
  const heard: Record<Role, string[]> = { sender: [], receiver: [] };
  const agreements: Agreement[] = [];
  const listening = (role: Role): SideChanges => ({
    wrap: noting(heard[role]),
    site: siteOf(role, {
      accept: (agreement) => {
        heard[role].push(`accept ${hex(agreement.session)}`);
        agreements.push(agreement);
      },
      takeUp: ({ agreement, signatures }, openings) => {
        heard[role].push(`take up ${hex(agreement.session)}`);
        expect(opened(agreement.content[role], openings)).toEqual({ data: true, filter: true });
        expect(opened(agreement.content[otherRole(role)], openings)).toEqual({ data: false, filter: false });
        expect(Object.keys(signatures).sort()).toEqual(["receiver", "sender"]);
      },
    }),
  });
  const [session, receivers] = await run({ sender: listening("sender"), receiver: listening("receiver") });
  expect(session).toMatch(SESSION);
  expect(receivers).toBe(session);
  // The owner says yes before its side signs, and takes the agreement up once both have signed.
  for (const role of ROLES)
    expect(heard[role]).toEqual(["statement", `accept ${session}`, "signature", `take up ${session}`]);
  expect(hex(agreements[0]!.bytes)).toBe(hex(agreements[1]!.bytes));
  expect(agreements[0]!.content).toMatchObject({
    terms: TERMS,
    sender: { people: 5, categories: 3, epoch: 1 },
    receiver: { people: 5, cells: [4], evaluations: 1024 },
  });
});

test.each([
  ["three categories", { senderGroupBy: [] }],
  ["four cells", { partitions: [[]] }],
  ["four cells, a spare one among them", { partitions: [[]], entriesMax: 2 }],
])("nobody signs %s where the terms have no columns to make them", async (_, change) => {
  const terms = { ...TERMS, ...change };
  const signed: Agreement[] = [];
  const side = (role: Role): SideChanges => ({
    terms,
    site: siteOf(role, { accept: (agreement) => void signed.push(agreement) }),
  });
  const codes = await run({ sender: side("sender"), receiver: side("receiver") });
  expect(codes.map((code) => code.split(" ")[0])).toEqual(["agreement", "agreement"]);
  expect(signed).toEqual([]);
});

test("the session id is new each time; it follows from both sides' randomness", async () => {
  const seeded = (sender: string, receiver: string): Changes => ({
    sender: { rng: seededRng(sender) },
    receiver: { rng: seededRng(receiver) },
  });
  // All but the sender's key of the epoch is fixed by the seeds here.
  const [first] = await run();
  const [second] = await run();
  expect(first).not.toBe(second);
  const nonces = async (changes: Changes) => {
    const seen: string[] = [];
    const accept = ({ content }: Agreement) =>
      void seen.push(hex(content.sender.nonce), hex(content.receiver.nonce));
    await run({ ...changes, sender: { ...changes.sender, site: siteOf("sender", { accept }) } });
    return seen;
  };
  const [alike, again, other] = [
    await nonces(seeded("a", "b")),
    await nonces(seeded("a", "b")),
    await nonces(seeded("a", "c")),
  ];
  expect(again).toEqual(alike);
  expect(other[0]).toBe(alike[0]);
  expect(other[1]).not.toBe(alike[1]);
});

describe("a statement altered on its way ends the session on both sides", () => {
  const members = testStatements().flatMap((statement) =>
    Object.keys(statementRecord(statement)).map((member) => [statement.role, member] as const),
  );

  /** The member of a statement's text replaced by another valid value. */
  function other(value: unknown, member: string): unknown {
    if (member === "role") return otherRole(value as Role);
    if (member === "versions") return [4, ...(value as number[])];
    if (member === "last") return "ab".repeat(32);
    if (member === "cells") return (value as number[]).map((cells) => cells * 2);
    if (typeof value === "number") return value + 1;
    const text = value as string;
    return `${text[0] === "0" ? "1" : "0"}${text.slice(1)}`;
  }

  test.each(members)("%s: %s", async (role, member) => {
    const wrap = altering("statement", (message) => {
      const record = JSON.parse(Buffer.from(message.statement).toString("utf8")) as Record<string, unknown>;
      const edited = { ...record, [member]: other(record[member], member) };
      expect(edited).not.toEqual(record);
      return { ...message, statement: Buffer.from(JSON.stringify(edited)) };
    });
    for (const outcome of await run({ [role]: { wrap } }))
      expect(outcome).toMatch(/^(agreement|malformed|point)/);
  });
});

test.each([
  ["the identity", "00".repeat(32)],
  ["no canonical encoding", "ff".repeat(32)],
])(
  "an OPRF key that is %s is answered with `point`, before anybody is looked up under it",
  async (_, epochKey) => {
    const wrap = altering("statement", (message) => {
      const record = JSON.parse(Buffer.from(message.statement).toString("utf8")) as object;
      return { ...message, statement: Buffer.from(JSON.stringify({ ...record, epochKey })) };
    });
    expect(await run({ sender: { wrap } })).toEqual(["point from partner", "point"]);
  },
);

test.each(ALTERED)("two sides under other terms sign nothing ($member)", async ({ member, terms, other }) => {
  // With noise there is no table of totals: the side that has such terms says so.
  const expected = member === "totals" ? /^refused/ : /^agreement/;
  for (const ended of await run({ sender: { terms }, receiver: { terms: other } }))
    expect(ended).toMatch(expected);
});

describe("a side that is not who it should be", () => {
  test.each(ROLES)("the %s signs with another key than it states: `agreement`", async (role) => {
    const site = siteOf(role, { sign: signerOf(mallory.privateKey) });
    const [sender, receiver] = await run({ [role]: { site } });
    const [liar, honest] = role === "sender" ? [sender, receiver] : [receiver, sender];
    expect(honest).toBe("agreement");
    // It has verified the honest signature; it hears of the end with its next message.
    expect(liar).toMatch(SESSION);
  });

  test.each(ROLES)("the %s is another one than is pinned: `agreement`", async (role) => {
    const { [role]: own, [otherRole(role)]: honest } = asRoles(
      await run({ [role]: { site: siteOf(role, mallory) } }),
    );
    expect(honest).toBe("agreement");
    expect(own).toBe("agreement from partner");
  });

  test("its signature is the other's own, sent back: `agreement`", async () => {
    let agreement: Agreement | undefined;
    const site = siteOf("receiver", { accept: (composed) => (agreement = composed) });
    const mirror = altering("signature", (message) => ({
      ...message,
      signature: signAgreement(agreement!, "sender", signerOf(testIdentity("sender").privateKey)),
    }));
    const [sender] = await run({ receiver: { site, wrap: mirror } });
    expect(sender).toBe("agreement");
  });

  test.each([0, 63])("its signature is altered at byte %i: `agreement`", async (at) => {
    const wrap = altering("signature", (message) => ({
      ...message,
      signature: message.signature.map((byte, i) => (i === at ? byte ^ 1 : byte)),
    }));
    expect((await run({ sender: { wrap } }))[1]).toBe("agreement");
    expect((await run({ receiver: { wrap: altering("signature", flip(at)) } }))[0]).toBe("agreement");
  });

  const flip =
    (at: number) =>
    (message: Message<"signature">): Message<"signature"> => ({
      ...message,
      signature: message.signature.map((byte, i) => (i === at ? byte ^ 1 : byte)),
    });
});

describe("a table that no session can have is refused before anything is signed", () => {
  /** So many categories of the sender, and cells of the receiver. */
  const withShape = (categories: number, cells: number, terms: Terms, heard: string[]): Changes => {
    const labels = (count: number) => Array.from({ length: count }, (_, i) => [`${i}`, `${i}`]);
    const { sender, receiver } = DATA;
    const [partition] = receiver.people.partitions;
    return {
      sender: {
        terms,
        wrap: noting(heard),
        data: { ...sender, people: { ...sender.people, categoryLabels: labels(categories) } },
      },
      receiver: {
        terms,
        wrap: noting(heard),
        data: {
          ...receiver,
          people: { ...receiver.people, partitions: [{ ...partition, labels: labels(cells) }] },
        },
      },
    };
  };
  const [measure] = TERMS.measures;
  const withMeasures = (count: number): Terms => ({
    ...TERMS,
    release: { mode: "exact" },
    measures: Array.from({ length: count }, (_, i) => ({ ...measure!, name: `m${i}` })),
  });

  test.each([
    ["more numbers a person than travel", 64, 4, withMeasures(2)],
    ["more numbers than can be decided on", 64, 40_000, withMeasures(1)],
  ])("%s", async (_, categories, cells, terms) => {
    const heard: string[] = [];
    const ended = await run(withShape(categories, cells, terms, heard));
    for (const end of ended) expect(end).toMatch(/^refused/);
    expect(heard).not.toContain("signature");
  });

  test("half as many cells are signed", async () => {
    const ended = await run(withShape(64, 32_768, withMeasures(1), []));
    for (const end of ended) expect(end).toMatch(SESSION);
  });
});

describe("the owner has the last word", () => {
  test.each(ROLES)(
    "the %s refuses: it signs nothing, and the partner hears `refused` alone",
    async (role) => {
      const heard: string[] = [];
      const taken: SignedAgreement[] = [];
      const refusing: SideChanges = {
        wrap: noting(heard),
        site: siteOf(role, {
          accept: () => {
            throw new ProtocolError("refused", "fewer than 1,000 people");
          },
          takeUp: (signed) => void taken.push(signed),
        }),
      };
      const partner: SideChanges = {
        site: siteOf(otherRole(role), { takeUp: (signed) => void taken.push(signed) }),
      };
      const ended = asRoles(await run({ [role]: refusing, [otherRole(role)]: partner }));
      expect(ended[role]).toBe("refused");
      expect(ended[otherRole(role)]).toBe("refused from partner");
      expect(heard).toEqual(["statement", "abort"]);
      expect(taken).toEqual([]);
    },
  );

  test.each(ROLES)("the %s has seen the agreement before: `agreement`", async (role) => {
    const takeUp = () => {
      throw new ProtocolError("agreement", "this agreement was run before");
    };
    const ended = asRoles(await run({ [role]: { site: siteOf(role, { takeUp }) } }));
    expect(ended[role]).toBe("agreement");
  });
});

describe("a stored report is served", () => {
  const [first, second] = ["11".repeat(32), "22".repeat(32)];
  const never = () => {
    throw new Error("nothing is agreed where a stored report is served");
  };
  const having = (sender: readonly string[], receiver: readonly string[], changes = {}): Changes => ({
    sender: { site: siteOf("sender", { stored: sender, ...changes }) },
    receiver: { site: siteOf("receiver", { stored: receiver, ...changes }) },
  });

  test("if the sender names one that the receiver has too; nothing is signed", async () => {
    const changes = having([first, second], [second, first], { accept: never, takeUp: never });
    expect(await run(changes)).toEqual([`stored ${first}`, `stored ${first}`]);
  });

  test.each([
    ["the receiver has another one only", [first], [second]],
    ["the sender has none", [], [first]],
    ["the receiver has none", [first], []],
    ["the sender's best is not the receiver's", [first, second], [second]],
  ])("not if %s", async (_, sender, receiver) => {
    const outcome = await run(having(sender, receiver));
    expect(outcome[0]).toMatch(SESSION);
    expect(outcome[1]).toBe(outcome[0]);
  });

  test("not if the receiver answers for another one than it was asked for", async () => {
    for (const stored of [[first], []]) {
      const wrap = altering("statement", (message) => ({ ...message, stored: Buffer.from(second, "hex") }));
      const outcome = await run({ sender: { site: siteOf("sender", { stored }) }, receiver: { wrap } });
      expect(outcome[0]).toMatch(SESSION);
      expect(outcome[1]).toBe(outcome[0]);
    }
  });

  test("and neither names its session, nor shows whether it has one", async () => {
    const told: Uint8Array[] = [];
    const wrap = noticing((message) => void told.push(new Uint8Array(message.stored)));
    const side = (role: Role, stored: readonly string[]) => ({ site: siteOf(role, { stored }), wrap });
    // Twice with the report on both sides, on one, on none.
    for (const [sender, receiver] of [
      [[first], [first]],
      [[first], [first]],
      [[first], [second]],
      [[], []],
    ] as const)
      await run({ sender: side("sender", sender), receiver: side("receiver", receiver) });
    expect(told.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 32));
    const texts = told.map(hex);
    expect(new Set(texts).size).toBe(8);
    expect(texts).not.toContain(first);
    expect(texts).not.toContain(second);
  });
});

/** Looks at each statement that a side sends. */
function noticing(look: (message: Message<"statement">) => void): (frames: Frames) => Frames {
  return (frames) => ({
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
    send: async (frame) => {
      const { message } = decodeFrame(frame);
      if (message.type === "statement") look(message);
      await frames.send(frame);
    },
  });
}

function asRoles([sender, receiver]: readonly [string, string]): Record<Role, string> {
  return { sender, receiver };
}
