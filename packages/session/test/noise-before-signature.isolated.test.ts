// Noise is drawn before a side signs (protocol-spec.md, section 13.8), so that no message of the session waits for it.
import { GroupPool } from "@halfroom/crypto";
import type * as Release from "@halfroom/release";
import { exactSums, noiseOf, preparePair, runPair, withCsvFiles } from "@halfroom/testkit";
import { decodeFrame, type Frames } from "@halfroom/wire";
import { afterAll, expect, test, vi } from "vitest";
import { ROLES, type Role } from "../src/index.ts";

/** What happened on each side, in order. */
const events: Record<Role, string[]> = { sender: [], receiver: [] };
const drawn: BigInt64Array[] = [];
/** The side that was asked for its consent last, right before it draws. */
let consenting: Role;

vi.mock("@halfroom/release", async (importOriginal) => {
  const original = await importOriginal<typeof Release>();
  const drawNoise: typeof original.drawNoise = (...asked) => {
    events[consenting].push("drawn");
    const noise = original.drawNoise(...asked);
    drawn.push(noise);
    return noise;
  };
  return { ...original, drawNoise };
});

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const csv = ["email", ...Array.from({ length: 40 }, (_, i) => `p${i}@example.com`), ""].join("\n");

function noting(frames: Frames, role: Role): Frames {
  return {
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
    send: async (frame) => {
      events[role].push(decodeFrame(new Uint8Array(frame)).message.type);
      await frames.send(frame);
    },
  };
}

test("each side draws once, before its signature, and what it drew is what it pays for", async () => {
  const asked = exactSums({ groupBy: [], measures: [], threshold: 30, otK: 4 });
  const terms = { ...asked, release: noiseOf(2_000_000) };
  const data = await withCsvFiles({ senderCsv: csv, receiverCsv: csv }, (files) => preparePair(files, terms));
  const paid: bigint[][] = [];
  const ended = await runPair({
    data,
    terms,
    pool,
    wrap: noting,
    siteOf: (role) => ({
      accept: () => void (consenting = role),
      takeBudget: (_, noise) => {
        events[role].push("paid");
        paid.push([...new BigInt64Array(noise!.slice().buffer)]);
      },
    }),
  });
  for (const role of ROLES) {
    expect(ended[role]).toHaveProperty("result");
    const at = (event: string) => events[role].indexOf(event);
    expect(events[role].filter((event) => event === "drawn")).toHaveLength(1);
    expect(at("statement")).toBeLessThan(at("drawn"));
    expect(at("drawn")).toBeLessThan(at("signature"));
    expect(at("paid")).toBeGreaterThan(at("signature"));
    expect(at("paid")).toBeLessThan(at("transcript"));
  }
  const sorted = (all: readonly (readonly bigint[])[]) => all.map(String).toSorted();
  expect(sorted(paid)).toEqual(sorted(drawn.map((noise) => [...noise])));
});
