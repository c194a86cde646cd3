// Every message of the protocol: its type number on the wire and its fields in order. The codec refuses anything else.
import {
  ADDRESS_BYTES_MAX,
  ATTEMPTS_MAX,
  CHUNK_BYTES_MAX,
  LABELS_BYTES_MAX,
  PEOPLE_MAX,
  REASONS_BYTES_MAX,
  SHARDS_MAX,
  STATEMENT_BYTES_MAX,
  STREAM_NAME_BYTES,
  TERMS_BYTES_MAX,
  WHOLE_BYTES_MAX,
} from "./limits.ts";

export type Field =
  | { kind: "bytes"; min: number; max: number }
  | { kind: "uint"; max: number }
  | { kind: "text"; bytesMax: number };

const bytes = (min: number, max = min) => ({ kind: "bytes" as const, min, max });
const uint = (max: number) => ({ kind: "uint" as const, max });
const text = (bytesMax: number) => ({ kind: "text" as const, bytesMax });
/** A piece of bulk data; its exact length follows from public sizes and is checked by `recvBulk`. */
const bulk = { data: bytes(1, CHUNK_BYTES_MAX) };
const whole = bytes(1, WHOLE_BYTES_MAX);

/** `type number` and fields, in the order in which they stand on the wire. Numbers are never reused. */
export const MESSAGES = {
  // Any phase
  abort: { number: 0, fields: { code: text(32) } },
  // agree (its messages have a channel of their own; 1 and 2 were the first version's)
  propose: { number: 3, fields: { proposal: bytes(16), terms: bytes(1, TERMS_BYTES_MAX) } },
  answer: {
    number: 4,
    fields: {
      decision: text(8),
      terms: bytes(0, TERMS_BYTES_MAX),
      reasons: bytes(0, REASONS_BYTES_MAX),
      people: uint(PEOPLE_MAX),
    },
  },
  statement: { number: 5, fields: { statement: bytes(1, STATEMENT_BYTES_MAX), stored: bytes(32) } },
  signature: { number: 6, fields: { signature: bytes(64) } },
  preview: { number: 7, fields: { terms: bytes(1, TERMS_BYTES_MAX) } },
  complete: { number: 8, fields: { session: bytes(32) } },
  // pseudonymise
  blinded: { number: 10, fields: { data: whole } },
  evaluated: { number: 11, fields: { data: whole, proof: bytes(64) } },
  // match
  seedCommitment: { number: 20, fields: { commitment: bytes(32) } },
  seedShare: { number: 21, fields: { share: bytes(32) } },
  seedOpening: { number: 22, fields: { share: bytes(32), nonce: bytes(32) } },
  binMatrix: { number: 23, fields: bulk },
  store: { number: 24, fields: bulk },
  binCheck: { number: 25, fields: { sums: bytes(108 * 16), digest: bytes(32) } },
  binMasks: { number: 26, fields: bulk },
  // mpc building blocks
  baseOtKey: { number: 30, fields: { point: bytes(32) } },
  baseOtChoices: { number: 31, fields: bulk },
  treeCorrections: { number: 32, fields: bulk },
  treeFlips: { number: 33, fields: bulk },
  otCorrections: { number: 34, fields: bulk },
  gateOpening: { number: 35, fields: bulk },
  productFlips: { number: 36, fields: bulk },
  productCorrections: { number: 37, fields: bulk },
  lookupFlips: { number: 38, fields: bulk },
  lookupTables: { number: 39, fields: bulk },
  // aggregate
  leafCorrections: { number: 40, fields: bulk },
  laneTranscripts: { number: 41, fields: { digest: bytes(32) } },
  shardAgain: { number: 42, fields: { shard: uint(SHARDS_MAX - 1), attempt: uint(ATTEMPTS_MAX - 1) } },
  shardsDone: { number: 43, fields: {} },
  // silent transfers
  silentMask: { number: 44, fields: bulk },
  silentProof: { number: 45, fields: bulk },
  streamListens: {
    number: 46,
    fields: { shard: uint(SHARDS_MAX - 1), name: bytes(STREAM_NAME_BYTES), fingerprint: bytes(32) },
  },
  streamDials: { number: 47, fields: { shard: uint(SHARDS_MAX - 1), fingerprint: bytes(32) } },
  shardBegins: { number: 48, fields: {} },
  // release
  transcript: { number: 50, fields: { digest: bytes(32), schedule: bytes(32), signature: bytes(64) } },
  passCommitment: { number: 51, fields: { commitment: bytes(32) } },
  passOpening: { number: 52, fields: { nonce: bytes(32), share: whole } },
  cellCommitment: { number: 53, fields: { commitment: bytes(32) } },
  cellOpeningNonce: { number: 54, fields: { nonce: bytes(32) } },
  cellOpening: { number: 55, fields: bulk },
  labelsSize: { number: 56, fields: { size: uint(LABELS_BYTES_MAX) } },
  labels: { number: 57, fields: bulk },
  done: { number: 58, fields: { digest: bytes(32) } },
  bases: { number: 59, fields: bulk },
  // report
  receipt: { number: 60, fields: { report: bytes(32), nonce: bytes(0, 32), signature: bytes(64) } },
  // join
  join: {
    number: 70,
    fields: {
      invitation: bytes(16),
      nonce: bytes(32),
      address: text(ADDRESS_BYTES_MAX),
      proof: bytes(32),
      signature: bytes(64),
    },
  },
  joined: { number: 71, fields: { proof: bytes(32), signature: bytes(64) } },
  // series
  seriesNonce: { number: 80, fields: { nonce: bytes(32) } },
  seriesSignature: { number: 81, fields: { signature: bytes(64) } },
  seriesEnd: { number: 82, fields: { series: bytes(32) } },
} as const satisfies Record<string, { number: number; fields: Record<string, Field> }>;

export type MessageType = keyof typeof MESSAGES;

type FieldValue<F extends Field> = F extends { kind: "bytes" }
  ? Uint8Array
  : F extends { kind: "uint" }
    ? number
    : string;

type FieldValues<T extends MessageType> = {
  -readonly [K in keyof (typeof MESSAGES)[T]["fields"]]: (typeof MESSAGES)[T]["fields"][K] extends Field
    ? FieldValue<(typeof MESSAGES)[T]["fields"][K]>
    : never;
};

/** A message of type `T`; `Message<"blinded" | "done">` is the union of both. */
export type Message<T extends MessageType = MessageType> = T extends MessageType
  ? { type: T } & FieldValues<T>
  : never;

/** Types that carry one bulk field called `data`. */
export type BulkType = {
  [T in MessageType]: keyof (typeof MESSAGES)[T]["fields"] extends "data"
    ? "data" extends keyof (typeof MESSAGES)[T]["fields"]
      ? T
      : never
    : never;
}[MessageType];
