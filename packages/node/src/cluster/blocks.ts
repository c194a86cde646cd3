// Blocks: jobs that may run on another machine, as they travel. A job says by reference what is to be done; its input and its result
// lie in the share, each sealed under the session's key (AES-256-GCM) and bound to session, kind and number.
import type { Arrays, BlockJob, Job, ResultArray } from "@halfroom/crypto";
import { OPRF_JOBS } from "@halfroom/match";
import { z } from "zod";
import { bytesOfPlace, placeOfBytes, type SpanPlace } from "../telemetry/telemetry.ts";
import type { Vault } from "../vault/vault.ts";
import { packArrays, packedBytes, unpackArrays } from "./arrays.ts";

/** Kinds of blocks, as in the protocol's own code. */
export type BlockKind = keyof typeof OPRF_JOBS;
export const BLOCK_KINDS = Object.keys(OPRF_JOBS) as BlockKind[];

/** A batch of identifiers that are longer stays on the leader: usual ones take a hundredth of it. */
export const BLOCK_BYTES_MAX = 1 << 26;
/** Of a shard. */
export const SHARD_BYTES_MAX = 1 << 28;
/** What Redis takes of a job; the share has the rest. */
export const JOB_BYTES_MAX = 4096;
/** By how much a sealed text is longer: nonce and tag. */
const SEAL_BYTES = 12 + 16;

const SESSION = /^[0-9a-f]{32}$/;
const NAME_OF_WORKER = /^[0-9a-f]{32}$/;
const INPUT = "cluster/input";
const RESULT = "cluster/result";

/** All that Redis is told of a block or a shard. */
export const jobDataSchema = z.strictObject({
  /** Of the share's folder; random, and no id of anything else. */
  session: z.string().regex(SESSION),
  /** Counts from 0 in its session, over all kinds. */
  block: z.int().min(0),
  /** Length of the sealed input. */
  bytes: z.int().min(SEAL_BYTES).max(SHARD_BYTES_MAX),
});
export type JobData = z.infer<typeof jobDataSchema>;

/** What a worker says of a block that it has computed; the result itself lies in the share. */
export const jobResultSchema = z.strictObject({
  worker: z.string().regex(NAME_OF_WORKER),
  /** How long its threads took. */
  ms: z.number().min(0),
  /** From 1: which start of the job it was. */
  attempt: z.int().min(1),
  /** Of a shard: whether its frames went to the partner over a stream of its own. */
  apart: z.boolean().optional(),
});
export type JobResult = z.infer<typeof jobResultSchema>;

/** A block's place in its session, to which its texts are bound. */
export interface BlockPlace extends Pick<JobData, "session" | "block"> {
  readonly kind: BlockKind;
}

export type AnyBlockJob = BlockJob<Arrays, Arrays>;

/** The job of a kind that a job's name says, undefined for any other name. */
export function jobOfKind(name: string): AnyBlockJob | undefined {
  return Object.hasOwn(OPRF_JOBS, name)
    ? (OPRF_JOBS[name as BlockKind] as unknown as AnyBlockJob)
    : undefined;
}

/** The kind of a job that workers know, which a job of a test or of another room is not. */
export function kindOf<Input extends Arrays, Output extends Arrays>(
  job: Job<Input, Output>,
): BlockKind | undefined {
  return (jobOfKind(job.name) as unknown) === job ? (job.name as BlockKind) : undefined;
}

/** An earlier worker takes it for one more input, of which no job knows. */
const SPAN = "span";

/** The sealed input, without the job's secrets, which workers are given once a session; `span`: the session's, where it is told of. */
export function sealInput(key: Vault, place: BlockPlace, input: Arrays, span?: SpanPlace): Uint8Array {
  const { secrets } = jobOfKind(place.kind)!;
  const open = Object.entries(input).filter(([name]) => !secrets.includes(name));
  const spans = span === undefined ? [] : [[SPAN, bytesOfPlace(span)] as const];
  const packed = packArrays(Object.fromEntries([...open, ...spans]));
  const sealed = key.seal(INPUT, contextOf(place), packed);
  packed.fill(0);
  return sealed;
}

/** Throws, if it is not the input of this block. */
export function openInput(
  key: Vault,
  place: BlockPlace,
  sealed: Uint8Array,
): { readonly input: Arrays; readonly span: SpanPlace | undefined } {
  const packed = key.open(INPUT, contextOf(place), sealed);
  const arrays = unpackArrays(packed);
  packed.fill(0);
  if (arrays === undefined) throw new RangeError("a block has no input");
  const { [SPAN]: span, ...input } = arrays;
  return { input: input as Arrays, span: placeOfBytes(span) };
}

export function sealResult(key: Vault, place: BlockPlace, result: Arrays | undefined): Uint8Array {
  const packed = packArrays(result);
  const sealed = key.seal(RESULT, contextOf(place), packed);
  packed.fill(0);
  return sealed;
}

/**
 * Throws, unless it is a result of this block and has the shape that a right one has; whether points are points is for who has a thread
 * for it.
 */
export function openResult(
  key: Vault,
  place: BlockPlace,
  sealed: Uint8Array,
  shape: Readonly<Record<string, ResultArray>>,
): Arrays | undefined {
  const packed = key.open(RESULT, contextOf(place), sealed);
  const result = unpackArrays(packed);
  packed.fill(0);
  if (result !== undefined) assertShape(result, shape);
  return result;
}

/** How long a sealed result of this shape is at most. */
export function resultBytesMax(shape: Readonly<Record<string, ResultArray>>): number {
  const arrays = Object.entries(shape).map(([name, { bytes }]) => [name, Math.max(...bytes)] as const);
  return SEAL_BYTES + packedBytes(arrays);
}

function assertShape(result: Arrays, shape: Readonly<Record<string, ResultArray>>): void {
  const names = Object.keys(shape);
  const fits = ([name, array]: [string, Arrays[string]]) =>
    array instanceof Uint8Array && shape[name]?.bytes.includes(array.length);
  const entries = Object.entries(result);
  if (entries.length !== names.length || !entries.every(fits))
    throw new RangeError("a worker's result has not the length that the block's has");
}

const contextOf = ({ session, kind, block }: BlockPlace) => [session, kind, block];
