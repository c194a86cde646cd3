// Terms and statements of a session that is agreed, judged or paid for, but never runs.
import type { PrivacyCost } from "@halfroom/release";
import {
  keyFingerprint,
  PROTOCOL,
  SHARD_PEOPLE_MAX,
  type ReceiverStatement,
  type ReleaseRule,
  type SenderStatement,
  type Terms,
} from "@halfroom/session";
import { testIdentity } from "./session.ts";

/** Laplace noise of one epsilon, people and all measures alike. */
export function noiseOf(microEpsilon: number, measures = 0): Extract<ReleaseRule, { mode: "noise" }> {
  const weights = { people: 1, measures: Array.from({ length: measures }, () => 1) };
  return { mode: "noise", mechanism: "laplace", microEpsilon, deltaExponent: 6, weights };
}

/** What Laplace noise of one epsilon costs: epsilon, and half its square in units of 10^-12. */
export function costOf(microEpsilon: number): PrivacyCost {
  return { microEpsilon, picoRho: BigInt(microEpsilon) ** 2n / 2n };
}

/** Sums with noise, by the receiver's columns and the sender's. */
export const TERMS: Terms = {
  protocol: PROTOCOL,
  initiator: "sender",
  datasets: { sender: "conversions", receiver: "exposures" },
  report: "sums",
  match: [{ key: "email", label: "email/iab-1" }],
  measures: [
    { name: "amount", low: 0n, high: 50_000n, decimals: 2, squares: false },
    { name: "returns", low: -(1n << 40n), high: 0n, decimals: 0, squares: false },
  ],
  senderGroupBy: ["segment"],
  partitions: [["campaign", "age_band"]],
  entriesMax: 1,
  events: undefined,
  arms: undefined,
  threshold: 100,
  release: noiseOf(1_000_000, 2),
  totals: false,
  rules: "standard",
  resultTo: "both",
  otK: 4,
  shardPeople: SHARD_PEOPLE_MAX,
  replay: false,
};

type SigningKey = Pick<ReturnType<typeof testIdentity>, "signingKey">;

const EPOCH_ENDS_AT = Date.UTC(2026, 6, 3, 12, 0);
const STATED_AT = Date.UTC(2026, 5, 3, 12, 0);
const filled = (value: number) => new Uint8Array(32).fill(value);

/** What both sides of a report under `TERMS` could state. */
export function testStatements(
  sender: SigningKey = testIdentity("sender"),
  receiver: SigningKey = testIdentity("receiver"),
): [SenderStatement, ReceiverStatement] {
  const common = {
    versions: [3],
    last: undefined,
    at: STATED_AT,
    data: filled(3),
    filter: filled(4),
    seed: filled(6),
  };
  return [
    {
      role: "sender",
      nonce: filled(1),
      fingerprint: keyFingerprint(sender.signingKey),
      people: 20_000,
      ...common,
      epoch: 1,
      epochKey: filled(5),
      epochEndsAt: EPOCH_ENDS_AT,
      categories: 1,
    },
    {
      role: "receiver",
      nonce: filled(2),
      fingerprint: keyFingerprint(receiver.signingKey),
      people: 30_000,
      ...common,
      cells: [64],
      step: 1024,
      evaluations: 30_720,
    },
  ];
}
