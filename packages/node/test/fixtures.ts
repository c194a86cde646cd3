// Two nodes' halves of an agreement, and a folder for a store, for the tests of the rules.
import { generateKeyPairSync, createHash, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteRows } from "@halfroom/crypto";
import { onTestFinished } from "vitest";
import { noiseOf, PROTOCOL, type ReceiverStatement, type SenderStatement, type Terms } from "@halfroom/session";
import type { PseudonymCache } from "../src/epochs/pseudonym-cache.ts";
import { Store } from "../src/store/store.ts";

export { noiseOf };
export const NOW = Date.UTC(2026, 5, 3, 12, 0);
export const DAY_MS = 86_400_000;

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-rules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function scratchStore(folder = scratchFolder()): Store {
  const store = Store.open(folder);
  onTestFinished(() => store.close());
  return store;
}

/** Keeps pseudonyms (people x 64 bytes) of those among `identifiers` who have none. */
export async function keepPseudonyms(
  cache: PseudonymCache,
  identifiers: ByteRows,
  pseudonyms: Uint8Array,
): Promise<void> {
  const known = await cache.find(identifiers);
  for (const person of known.missing)
    known.pseudonyms.set(pseudonyms.subarray(person * 64, (person + 1) * 64), person * 64);
  await cache.keep(known);
}

export const TERMS: Terms = {
  protocol: PROTOCOL,
  initiator: "sender",
  datasets: { sender: "conversions", receiver: "exposures" },
  report: "sums",
  match: [{ key: "email", label: "email/iab-1" }],
  measures: [
    { name: "amount", low: 0n, high: 50_000n, decimals: 2, squares: false },
    { name: "returns", low: -(1n << 60n), high: 0n, decimals: 0, squares: false },
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
};

export interface Identity {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly der: Uint8Array;
  readonly fingerprint: Uint8Array;
}

export function identity(): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const der = publicKey.export({ format: "der", type: "spki" });
  return {
    privateKey,
    publicKey,
    der,
    fingerprint: new Uint8Array(createHash("sha256").update(der).digest()),
  };
}

const filled = (value: number) => new Uint8Array(32).fill(value);

export function statements(sender: Identity, receiver: Identity): [SenderStatement, ReceiverStatement] {
  const common = { data: filled(3), filter: filled(4) };
  return [
    {
      role: "sender",
      nonce: filled(1),
      fingerprint: sender.fingerprint,
      people: 20_000,
      ...common,
      epoch: 1,
      epochKey: filled(5),
      epochEndsAt: NOW + 30 * DAY_MS,
      categories: 1,
    },
    {
      role: "receiver",
      nonce: filled(2),
      fingerprint: receiver.fingerprint,
      people: 30_000,
      ...common,
      cells: [64],
      evaluations: 30_720,
    },
  ];
}
