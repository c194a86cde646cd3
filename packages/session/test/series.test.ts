// The agreement on a series: both sign the same one or none, and what a run asks for follows from it alone.
import { runParties, seededRng, TERMS, testIdentity } from "@halfroom/testkit";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import {
  agreeOnSeries,
  decodeTerms,
  encodeTerms,
  otherRole,
  readSeries,
  requestDigest,
  runOf,
  scheduleOf,
  signerOf,
  tellSeriesEnd,
  termsOfRun,
  toHex,
  type Role,
  type Schedule,
  type SeriesAgreement,
  type Terms,
} from "../src/index.ts";
import { verifySeries } from "../src/series/agreement.ts";

const SCHEDULE: Schedule = {
  every: "week",
  on: 1,
  at: "06:00",
  timezone: "Europe/Berlin",
  from: "2027-01-04",
  runs: 52,
  missed: "late",
  lateSeconds: 259_200,
  numbers: 500,
};
const SERIES: Terms = { ...TERMS, series: SCHEDULE };
const SIDES = { sender: testIdentity("sender"), receiver: testIdentity("receiver") };

interface Changes {
  readonly terms?: Terms;
  readonly nonce?: Uint8Array;
  readonly sign?: (bytes: Uint8Array) => Uint8Array;
  readonly partnerKey?: Uint8Array;
}

function inputOf(us: Role, kept: SeriesAgreement[], changes: Changes = {}) {
  return {
    terms: SERIES,
    us,
    nonce: seededRng(`series ${us}`).bytes(32),
    sign: signerOf(SIDES[us].privateKey),
    signingKey: SIDES[us].signingKey,
    partnerKey: SIDES[otherRole(us)].signingKey,
    accept: () => undefined,
    keep: ({ agreement }: { readonly agreement: SeriesAgreement }) => void kept.push(agreement),
    ...changes,
  };
}

/** What each side keeps, or the code that it ends with. */
async function agreed(changes: Partial<Record<Role, Changes>> = {}): Promise<Record<Role, string>> {
  const ends: Partial<Record<Role, string>> = {};
  await runParties(async (ch: OpenChannel, us) => {
    const kept: SeriesAgreement[] = [];
    try {
      await agreeOnSeries(ch, inputOf(us, kept, changes[us]));
      ends[us] = toHex(kept[0]!.id);
    } catch (error) {
      ends[us] = error instanceof ProtocolError ? error.code : String(error);
      await ch.abort(error);
    }
  });
  return ends as Record<Role, string>;
}

test("both keep the same series, of which each nonce makes another one", async () => {
  const { sender, receiver } = await agreed();
  expect(sender).toMatch(/^[0-9a-f]{64}$/);
  expect(receiver).toBe(sender);
  const other = await agreed({ receiver: { nonce: new Uint8Array(32).fill(9) } });
  expect(other.sender).toBe(other.receiver);
  expect(other.sender).not.toBe(sender);
});

describe("no side keeps a series that the other has not signed", () => {
  const mallory = testIdentity("mallory");

  test.each<[string, Partial<Record<Role, Changes>>]>([
    ["other terms", { sender: { terms: { ...SERIES, threshold: TERMS.threshold + 1 } } }],
    ["one run more", { sender: { terms: { ...TERMS, series: { ...SCHEDULE, runs: 53 } } } }],
    ["another key", { sender: { sign: signerOf(mallory.privateKey) } }],
    ["another partner pinned", { receiver: { partnerKey: mallory.signingKey } }],
  ])("%s", async (_, changes) => {
    const { receiver } = await agreed(changes);
    expect(receiver).toBe("agreement");
  });

  test("a side's own nonce, sent back to it", async () => {
    const nonce = seededRng("series sender").bytes(32);
    expect(await agreed({ receiver: { nonce } })).toEqual({ sender: "agreement", receiver: "agreement" });
  });

  test("a side's own signature, sent back as the partner's", async () => {
    const signed = await runParties(async (ch, us) => await agreeOnSeries(ch, inputOf(us, [])));
    const { agreement, signatures } = signed.sender;
    verifySeries(agreement, "sender", signatures.sender, SIDES.sender.signingKey);
    expect(() => verifySeries(agreement, "receiver", signatures.sender, SIDES.sender.signingKey)).toThrow(
      /signed/,
    );
  });

  test("a series is not one of sessions: no session's signature serves for it, and the other way round", async () => {
    const { sender } = await runParties(async (ch, us) => await agreeOnSeries(ch, inputOf(us, [])));
    const raw = SIDES.sender;
    expect(() =>
      verifySeries(
        sender.agreement,
        "sender",
        signerOf(raw.privateKey)(sender.agreement.bytes),
        raw.signingKey,
      ),
    ).toThrow(/signed/);
  });
});

test("what was kept is read again, and gives each run its terms", async () => {
  const { sender } = await runParties(async (ch, us) => await agreeOnSeries(ch, inputOf(us, [])));
  const read = readSeries(sender.agreement.bytes);
  expect(read).toEqual(sender.agreement);
  const terms = termsOfRun(read, 7);
  expect(terms).toEqual({ ...TERMS, series: { id: read.id, number: 7 } });
  expect(decodeTerms(encodeTerms(terms))).toEqual(terms);
  expect([runOf(terms)?.number, scheduleOf(terms)]).toEqual([7, undefined]);
  const digests = new Set([1, 2, 3].map((number) => requestDigest(termsOfRun(read, number))));
  expect(digests.size).toBe(3);
});

describe("schedules are read within bounds only", () => {
  const reads = (series: object) => {
    const bytes = Buffer.from(encodeTerms(SERIES)).toString("utf8");
    const text = bytes.replace(/"series":\{.*\}\}$/, `"series":${JSON.stringify(series)}}`);
    return decodeTerms(Buffer.from(text));
  };

  test("as written", () => {
    expect(scheduleOf(reads(SCHEDULE))).toEqual(SCHEDULE);
  });

  test.each<[string, object]>([
    ["one run", { runs: 1 }],
    ["too many runs", { runs: 367 }],
    ["no day of a week", { on: 8 }],
    ["no day at all", { on: 0 }],
    ["another hour", { at: "24:00" }],
    ["a zone that is none", { timezone: "Mars/Olympus" }],
    ["a day that is none", { from: "2027-02-30" }],
    ["too late", { lateSeconds: 31 * 86_400 + 1 }],
    ["no numbers", { numbers: 0 }],
    ["something else", { more: 1 }],
  ])("%s", (_, change) => {
    expect(() => reads({ ...SCHEDULE, ...change })).toThrow(ProtocolError);
  });
});

test("the end of a series is told, and heard for the same one only", async () => {
  const id = new Uint8Array(32).fill(1);
  const told = async (answer: Uint8Array) => {
    const both = await runParties(async (ch, us) => {
      if (us === "sender")
        return await tellSeriesEnd(ch, id).then(
          () => "told",
          (error: ProtocolError) => error.code,
        );
      const { series } = await ch.recv("seriesEnd");
      expect(Buffer.compare(series, id)).toBe(0);
      await ch.send({ type: "seriesEnd", series: answer });
      return "heard";
    });
    return both.sender;
  };
  expect(await told(id)).toBe("told");
  expect(await told(new Uint8Array(32).fill(2))).toBe("agreement");
});
