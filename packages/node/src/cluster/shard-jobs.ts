// Shards as jobs: what a worker gets and gives back, sealed under the session's key (AES-256-GCM) and bound to session and number.
import { Deserializer, Serializer } from "node:v8";
import type { ShardOutcome, ShardTask } from "@halfroom/session";
import { MESSAGES, type MessageRecord, type MessageType } from "@halfroom/wire";
import { z } from "zod";
import type { SpanPlace } from "../telemetry/telemetry.ts";
import type { Vault } from "../vault/vault.ts";
import { packArrays, unpackArrays } from "./arrays.ts";

/** All that Redis is told of a shard is a `JobData`; this is the name of its job. */
export const SHARD = "shard";

const INPUT = "cluster/shard";
const RESULT = "cluster/shard-result";
const TRANSCRIPT_BYTES = 32;

export interface ShardPlace {
  /** Of the share's folder. */
  readonly session: string;
  readonly block: number;
}

/** What a worker gets: where its stream is awaited, and the shard. */
export interface ShardInput {
  /** HOST:PORT of the leader, the fingerprint of its certificate, and the token by which it knows the stream. */
  readonly address: string;
  readonly fingerprint: string;
  readonly token: string;
  readonly task: ShardTask;
  /** How the shard's own stream to the partner comes about; left out if its frames go through the leader. */
  readonly apart?: ApartInput | undefined;
  /** The session's span, where a collector is told of it. */
  readonly span?: SpanPlace | undefined;
}

/** A worker that is dialled says itself where. */
export type ApartInput =
  | { readonly dials: false }
  | {
      readonly dials: true;
      /** HOST:PORT of the partner. */
      readonly partner: string;
      /** Who dials it: the worker, by its own way out, or the leader, which passes the connection on. */
      readonly by: "worker" | "leader";
    };

export interface ShardResult extends ShardOutcome {
  readonly messages: readonly MessageRecord[];
  /** Of the worker: its id. */
  readonly worker: string;
}

export function sealShard(key: Vault, place: ShardPlace, input: ShardInput): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(ownCopies(input));
  const packed = serializer.releaseBuffer();
  const sealed = key.seal(INPUT, contextOf(place), packed);
  packed.fill(0);
  return sealed;
}

/** Throws, if it is not the input of this shard: what opens was sealed by the leader, and is taken as it is. */
export function openShard(key: Vault, place: ShardPlace, sealed: Uint8Array): ShardInput {
  const packed = key.open(INPUT, contextOf(place), sealed);
  const deserializer = new Deserializer(packed);
  deserializer.readHeader();
  const input = deserializer.readValue() as ShardInput;
  packed.fill(0);
  return input;
}

/** An array is packed with all the memory that it is a view of, which may hold what is no worker's business. */
function ownCopies(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  if (Array.isArray(value)) return value.map(ownCopies);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, ownCopies(part)]));
}

const count = z.number().min(0);
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((hex) => new Uint8Array(Buffer.from(hex, "hex")));
const detailsSchema = z.strictObject({
  worker: z.string().regex(/^[0-9a-f]{32}$/),
  stages: z
    .array(
      z.strictObject({
        name: z.enum(["match", "aggregate"]),
        seconds: count,
        cpuSeconds: count,
        bytesSent: count,
        bytesReceived: count,
      }),
    )
    .max(2),
  messages: z
    .array(
      z.strictObject({
        direction: z.enum(["sent", "received"]),
        sequence: z.int().min(0),
        type: z.enum(Object.keys(MESSAGES) as [MessageType, ...MessageType[]]),
        length: z.int().min(0),
        digest,
      }),
    )
    .max(1 << 20),
});

export function sealShardResult(key: Vault, place: ShardPlace, result: ShardResult): Uint8Array {
  const { table, transcript, stages, worker } = result;
  const messages = result.messages.map((message) => ({
    ...message,
    digest: Buffer.from(message.digest).toString("hex"),
  }));
  const details = new Uint8Array(Buffer.from(JSON.stringify({ worker, stages, messages })));
  const packed = packArrays({
    table: new Uint32Array(table),
    transcript: new Uint8Array(transcript),
    details,
  });
  const sealed = key.seal(RESULT, contextOf(place), packed);
  packed.fill(0);
  return sealed;
}

/** Throws, unless it is the result of this shard and has the form of one; `words`: of its table. */
export function openShardResult(
  key: Vault,
  place: ShardPlace,
  sealed: Uint8Array,
  words: number,
): ShardResult {
  const packed = key.open(RESULT, contextOf(place), sealed);
  const { table, transcript, details } = unpackArrays(packed) ?? {};
  packed.fill(0);
  const isWhole =
    table instanceof Uint32Array &&
    table.length === words &&
    transcript instanceof Uint8Array &&
    transcript.length === TRANSCRIPT_BYTES &&
    details instanceof Uint8Array;
  if (!isWhole) throw new RangeError("a worker's table has not the form that the shard's has");
  return { table, transcript, ...detailsSchema.parse(JSON.parse(Buffer.from(details).toString())) };
}

const contextOf = ({ session, block }: ShardPlace) => [session, block];
