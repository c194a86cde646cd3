// The vectors of keys of bins (protocol-spec.md, section 11.3): the code, and one piece of the matrix with its check.
import { createHash } from "node:crypto";
import { getBit, type Rng } from "@halfroom/crypto";
import { binOprf } from "@halfroom/match";
import { runParties, seededRng, testSession } from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { encode, truncate } from "../../../packages/match/src/membership/code.ts";

const SESSION = testSession("vectors of bins");
const SHARD = 5;
const BINS = 2;
const COLUMNS = 512;
const SACRIFICED = 256 - BINS;

const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");
const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Information word and codeword: single bits, all bits, and words at random. */
function codewordVectors(): { information: string; codeword: string }[] {
  const single = [0, 1, 31, 32, 107].map((bit) => {
    const word = new Uint32Array(4);
    word[bit >>> 5] = 2 ** (bit & 31);
    return word;
  });
  const random = Array.from(
    { length: 4 },
    (_, i) => new Uint32Array(seededRng(`word ${i}`).bytes(16).buffer),
  );
  return [...single, new Uint32Array(4).fill(0xffffffff), ...random].map((word) => {
    const information = truncate(word);
    return { information: hex(bytesOf(information)), codeword: hex(bytesOf(encode(information))) };
  });
}

/** String z of column i: i and z, 8 bytes each, little-endian. */
function stringsOf(z: (column: number) => number): Uint32Array {
  return Uint32Array.from({ length: COLUMNS * 4 }, (_, at) =>
    at % 4 === 0 ? at >>> 2 : at % 4 === 2 ? z(at >>> 2) : 0,
  );
}

export async function binVectors(): Promise<object> {
  const secret = new Uint32Array(seededRng("secret").bytes(64).buffer);
  const pseudonyms = seededRng("pseudonyms").bytes(3 * 64);
  const sacrificed = seededRng("sacrificed rows").bytes(SACRIFICED * 16);
  const context = { session: SESSION, shard: SHARD };
  const columns = {
    receiver: { zero: stringsOf(() => 0), one: stringsOf(() => 1) },
    sender: { choices: secret, chosen: stringsOf((column) => getBit(secret, column)) },
  };
  const coins = { bytes: () => sacrificed.slice() } as unknown as Rng;
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver") {
      return binOprf.receiver(ch, context, pseudonyms.subarray(0, BINS * 64), columns.receiver, coins);
    }
    const keys = await binOprf.sender(ch, context, BINS, columns.sender);
    return keys.keys(Uint32Array.of(0, 1, 1), Uint32Array.of(0, 1, 2), pseudonyms);
  });
  const [matrix, check] = log.receiver.map(({ frame }) => decodeFrame(frame).message);
  if (matrix?.type !== "binMatrix" || check?.type !== "binCheck")
    throw new Error("two messages make a piece");
  const keyAt = (keys: Uint32Array, i: number) => hex(bytesOf(keys.subarray(i * 8, i * 8 + 8)));
  return {
    codewords: codewordVectors(),
    piece: {
      session: hex(SESSION),
      shard: SHARD,
      secret: hex(bytesOf(secret)),
      pseudonyms: [0, 1].map((i) => hex(pseudonyms.subarray(i * 64, i * 64 + 64))),
      sacrificed: hex(sacrificed),
      binMatrix: createHash("sha256").update(matrix.data).digest("hex"),
      sums: hex(check.sums),
      digest: hex(check.digest),
      keys: [0, 1].map((i) => keyAt(receiver, i)),
      other: { bin: 1, pseudonym: hex(pseudonyms.subarray(128)), key: keyAt(sender, 2) },
    },
  };
}
