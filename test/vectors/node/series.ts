// A series from accepted terms to two signatures, and what follows from it for its runs (protocol-spec.md, section 8.7). The sender proposes.
import { encodeParts } from "@halfroom/crypto";
import {
  composeSeries,
  dueAt,
  encodeTerms,
  lastMoment,
  requestDigest,
  signerOf,
  termsOfRun,
  type Role,
  type Schedule,
  type Terms,
} from "@halfroom/session";
import { signSeries } from "../../../packages/session/src/series/agreement.ts";
import { fixedBytes, IDENTITIES } from "./identities.ts";
import { EXACT } from "./terms.ts";
import { frame, hex, text } from "./text.ts";

/** Sundays at a time that clocks of the zone leave out once and show twice once. */
const SCHEDULE: Schedule = {
  every: "week",
  on: 7,
  at: "02:30",
  timezone: "Europe/Berlin",
  from: "2027-03-15",
  runs: 52,
  missed: "tell",
  lateSeconds: 864_000,
  numbers: 500,
};
/** With the first and the last run, those on the days on which clocks change. */
const RUNS = [1, 2, 3, 33, 34, 52];

const sideOf = (role: Role) => ({
  nonce: fixedBytes(`${role}'s series nonce`),
  fingerprint: IDENTITIES[role].keyFingerprint,
});

export function seriesVector() {
  const terms: Terms = {
    ...EXACT,
    release: {
      mode: "noise",
      mechanism: "laplace",
      microEpsilon: 500_000,
      deltaExponent: 6,
      weights: { people: 1, measures: [1] },
    },
    series: SCHEDULE,
  };
  const sides = { sender: sideOf("sender"), receiver: sideOf("receiver") };
  const agreement = composeSeries(terms, sides);
  const { bytes, id } = agreement;
  const sign = (role: Role) => signSeries(agreement, role, signerOf(IDENTITIES[role].privateKey));
  const signed = (role: Role) => hex(encodeParts("series/signature", id, [role, bytes]));
  // The sender has proposed and the receiver answered before.
  const frames = (role: Role) => [
    frame(1, { type: "seriesNonce", nonce: sides[role].nonce }),
    frame(2, { type: "seriesSignature", signature: sign(role) }),
  ];
  const run = termsOfRun(agreement, 2);
  return {
    terms: text(encodeTerms(terms)),
    nonces: { sender: hex(sides.sender.nonce), receiver: hex(sides.receiver.nonce) },
    agreement: text(bytes),
    series: hex(id),
    signed: { sender: signed("sender"), receiver: signed("receiver") },
    signatures: { sender: hex(sign("sender")), receiver: hex(sign("receiver")) },
    frames: { sender: frames("sender"), receiver: frames("receiver") },
    end: frame(0, { type: "seriesEnd", series: id }),
    runs: RUNS.map((number) => ({
      number,
      due: new Date(dueAt(SCHEDULE, number)).toISOString(),
      until: new Date(lastMoment(SCHEDULE, number)).toISOString(),
    })),
    run: { number: 2, terms: text(encodeTerms(run)), request: requestDigest(run) },
  };
}
