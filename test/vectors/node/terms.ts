// Terms of three reports (protocol-spec.md, section 8.1), with the digest by which a node recognises a request.
import type { Terms } from "../../../packages/session/src/terms/terms.ts";
import { PROTOCOL } from "../../../packages/session/src/terms/protocol.ts";
import { encodeTerms, requestDigest } from "../../../packages/session/src/terms/terms.ts";
import { text } from "./text.ts";

/** What most reports have in common. */
const COMMON = {
  protocol: PROTOCOL,
  initiator: "sender",
  datasets: { sender: "purchases", receiver: "exposures" },
  match: [{ key: "email", label: "email/iab-1" }],
  senderGroupBy: [],
  entriesMax: 1,
  events: undefined,
  arms: undefined,
  threshold: 100,
  totals: false,
  rules: "standard",
  resultTo: "both",
  otK: 4,
  shardPeople: 65_536,
  replay: false,
} as const satisfies Partial<Terms>;

export const EXACT: Terms = {
  ...COMMON,
  report: "sums",
  measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2, squares: false }],
  partitions: [["campaign", "age_band"]],
  release: { mode: "exact" },
};

const NOISE: Terms = {
  ...COMMON,
  initiator: "receiver",
  report: "sums",
  match: [...COMMON.match, { key: "phone", label: "phone/plus/libphonenumber-js 1.13.16 min" }],
  measures: [{ name: "amount", low: -500n, high: 50_000n, decimals: 2, squares: true }],
  senderGroupBy: ["segment"],
  partitions: [["campaign"], []],
  release: {
    mode: "noise",
    mechanism: "laplace",
    microEpsilon: 1_000_000,
    deltaExponent: 6,
    weights: { people: 2, measures: [1] },
  },
  rules: "pair",
};

const LIFT: Terms = {
  ...COMMON,
  report: "lift",
  measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2, squares: false }],
  partitions: [["arm"]],
  events: { perPerson: 2, windowSeconds: 0 },
  arms: { column: "arm", test: "exposed", control: 'held "out"' },
  release: {
    mode: "noise",
    mechanism: "gaussian",
    microEpsilon: 2_500_000,
    deltaExponent: 7,
    weights: { people: 1, measures: [3] },
  },
  resultTo: "receiver",
  otK: 8,
};

export function termsVector() {
  const of = (terms: Terms) => ({ terms: text(encodeTerms(terms)), request: requestDigest(terms) });
  return { exact: of(EXACT), noise: of(NOISE), lift: of(LIFT) };
}
