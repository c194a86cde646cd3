// The vectors of a vector of oblivious linear evaluations (protocol-spec.md, section 10.10), and of keys of two bins from it (11.3).
import { createHash } from "node:crypto";
import { AesStream, bytesOf, getBit } from "@halfroom/crypto";
import { runParties, seededRng, testSession } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { vectorReceiver, vectorSender } from "../../../packages/match/src/membership/bin-vector.ts";
import { ExpansionMemory } from "../../../packages/mpc/src/silent/expansion.ts";
import { VECTOR, VECTOR_TRANSFERS } from "../../../packages/mpc/src/silent/parameters.ts";
import { growVector, punctureVector } from "../../../packages/mpc/src/silent/vector.ts";

const SESSION = testSession("vectors of vectors");
const SHARD = 5;
const EXPANSION = 3;
const BINS = 2;

const hex = (words: Uint32Array) => Buffer.from(bytesOf(words)).toString("hex");
const sha256 = (words: Uint32Array) => createHash("sha256").update(bytesOf(words)).digest("hex");

/** The first words of the stream of a key whose bytes are all `byte`. */
function stream(byte: number, words: number): Uint32Array {
  const out = new Uint32Array(words);
  new AesStream(new Uint8Array(16).fill(byte)).fill(out);
  return out;
}

const withoutLowest = (blocks: Uint32Array) => blocks.map((word, i) => (i % 4 === 0 ? word & ~1 : word));

export async function vectorExample(): Promise<object> {
  const delta = withoutLowest(stream(0, 4));
  const rows = withoutLowest(stream(1, VECTOR_TRANSFERS * 4));
  const choices = stream(2, VECTOR_TRANSFERS / 32);
  const chosen = rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
  const place = { session: SESSION, direction: "sender", shard: SHARD, expansion: EXPANSION } as const;
  const memory = new ExpansionMemory([VECTOR]);
  const grown = growVector(place, { rows, delta }, memory);
  const punctured = punctureVector(place, { choices, rows: chosen }, grown.corrections, memory);
  return {
    session: Buffer.from(SESSION).toString("hex"),
    shard: SHARD,
    expansion: EXPANSION,
    delta: hex(delta),
    corrections: sha256(grown.corrections),
    mask: hex(punctured.masked),
    proof: Buffer.from(grown.prove(punctured.masked)).toString("hex"),
    b: sha256(grown.vector.rows),
    a: sha256(punctured.vector.factors),
    c: sha256(punctured.vector.rows),
    keys: await keysFrom(grown, punctured),
  };
}

async function keysFrom(
  { vector: ofSender }: ReturnType<typeof growVector>,
  { vector: ofReceiver }: ReturnType<typeof punctureVector>,
): Promise<object> {
  const context = { session: SESSION, shard: SHARD };
  const pseudonyms = seededRng("pseudonyms").bytes(3 * 64);
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver")
      return await vectorReceiver(ch, context, pseudonyms.subarray(0, BINS * 64), ofReceiver);
    const keys = await vectorSender(ch, context, BINS, ofSender);
    return keys.keys(Uint32Array.of(0, 1, 1), Uint32Array.of(0, 1, 2), pseudonyms);
  });
  const [sent] = log.receiver.map(({ frame }) => decodeFrame(frame).message);
  if (sent?.type !== "binMasks") throw new Error("one message makes the keys");
  const pseudonym = (i: number) => Buffer.from(pseudonyms.subarray(i * 64, i * 64 + 64)).toString("hex");
  const first = (words: Uint32Array) => hex(words.subarray(0, BINS * 4));
  return {
    b: first(ofSender.rows),
    a: first(ofReceiver.factors),
    c: first(ofReceiver.rows),
    pseudonyms: [0, 1].map(pseudonym),
    binMasks: Buffer.from(sent.data).toString("hex"),
    keys: [0, 1].map((i) => hex(receiver.subarray(i * 8, i * 8 + 8))),
    other: { bin: 1, pseudonym: pseudonym(2), key: hex(sender.subarray(16)) },
  };
}
