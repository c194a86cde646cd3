// What an auditor needs of one side to compute its half of a session again (protocol-spec.md, section 15.4).
import { batchesOf, evaluateOwn, OUTPUT_BYTES } from "@halfroom/match";
import type { GroupPool, Rng, RowSource } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import type { StreamRecord } from "../link.ts";
import {
  PSEUDONYM_WORDS,
  type Epoch,
  type PseudonymKeys,
  type PseudonymStore,
} from "../pseudonymise/keys.ts";
import type { HeldItems } from "./check-items.ts";
import type { HeldData } from "./held-data.ts";
import { MissingRows } from "../pseudonymise/missing-rows.ts";
import type { StatementSecrets } from "../randomness.ts";

/** What only the side itself knows, beside its data. It stays sealed until an auditor asks. */
export interface ReplaySecrets extends StatementSecrets {
  /** The sender's key of the epoch. */
  readonly epoch: Epoch | undefined;
  /** The partner's Ed25519 key, as it was pinned. */
  readonly partnerKey: Uint8Array;
  /** What it sent for a stored report. */
  readonly partnersTag: Uint8Array;
  /** Numbers of the receiver's identifiers that the session enrolled, ascending. */
  readonly missing: Uint32Array;
  readonly filter: string;
  /** The policy's step of stated people. */
  readonly roundPeopleTo: number;
  /** Sessions, in hex, whose report could have been served again. */
  readonly stored: readonly string[];
}

export interface ReplaySide {
  readonly secrets: ReplaySecrets;
  readonly data: HeldData;
  /** Those of the whole dataset. */
  readonly items: HeldItems;
  /** Ed25519, 32 bytes. */
  readonly signingKey: Uint8Array;
  readonly record: readonly StreamRecord[];
}

export type ReplaySides = Readonly<Record<Role, ReplaySide>>;

/** Gives what was drawn for the statement once more, and nothing else. */
export function keptRng({ nonce, seed, noTag, salts }: StatementSecrets): Rng {
  const drawn: Readonly<Record<string, Uint8Array>> = {
    "statement/nonce": nonce,
    "statement/seed": seed,
    "statement/stored": noTag,
    "statement/salt/data": salts.data,
    "statement/salt/filter": salts.filter,
    "statement/salt/seed": salts.seed,
  };
  const nothing = (): never => {
    throw new RangeError("a replay draws nothing of its own");
  };
  return {
    bytes: nothing,
    fork: (label) => ({ bytes: () => new Uint8Array(drawn[label] ?? nothing()), fork: nothing }),
  };
}

/**
 * What each side pseudonymised with. The auditor has the sender's key, so that what the receiver had kept before is evaluated
 * again: pseudonyms under another key show as the first message that follows from them. Throws RangeError without the key.
 */
export function keysOfBoth(role: Role, { sender, receiver }: ReplaySides, pool: GroupPool): PseudonymKeys {
  const { epoch } = sender.secrets;
  if (epoch === undefined) throw new RangeError("the sender's material has the key of its epoch");
  if (role === "sender") return ownKeys(role, sender.secrets);
  const { missing } = receiver.secrets;
  return {
    role,
    open: () => knowing(missing, (rows) => evaluateOwn(rows, epoch.secretKey, pool, () => {}, NEVER)),
  };
}

/**
 * What a side has by itself. The receiver lacks the key: pseudonyms that it had kept stand as ones, which nothing depends on
 * before the partner's first answer. Throws RangeError for a sender without its key.
 */
export function ownKeys(role: Role, { epoch, missing }: ReplaySecrets): PseudonymKeys {
  if (role === "receiver") return { role, open: () => knowing(missing, fillWithOnes) };
  if (epoch === undefined) throw new RangeError("the sender's material has the key of its epoch");
  return { role, epoch, store: { find: nobody, collect: keepNothing } };
}

const NEVER = new AbortController().signal;

const keepNothing = () => ({ add: () => Promise.resolve(), keep: () => Promise.resolve() });

async function nobody({ count }: RowSource): Promise<Uint32Array> {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

/** Knows everybody but the rows named. */
function knowing(missing: Uint32Array, fill: (rows: MissingRows) => Promise<void>): PseudonymStore {
  return {
    async find(identifiers, scratch, found) {
      const absent = new Set(missing);
      const known = (await nobody(identifiers)).filter((row) => !absent.has(row));
      const pseudonyms = scratch.records(PSEUDONYM_WORDS);
      const fresh = keepNothing();
      await fill(await MissingRows.of({ identifiers, missing: known, pseudonyms, fresh }, scratch));
      for await (const records of pseudonyms.read()) await found(records);
      await pseudonyms.close();
      return missing;
    },
    collect: keepNothing,
  };
}

async function fillWithOnes(rows: MissingRows): Promise<void> {
  for (const batch of batchesOf(rows.count))
    await rows.keep(batch, new Uint8Array((batch.end - batch.start) * OUTPUT_BYTES).fill(1));
}
