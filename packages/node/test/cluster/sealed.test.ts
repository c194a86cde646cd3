// What goes to workers and comes back, as bytes: packed, sealed, bound to its place, held to its shape.
import { GroupPool, packRows, systemRng } from "@halfroom/crypto";
import { OPRF_JOBS } from "@halfroom/match";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { packArrays, packedBytes, unpackArrays } from "../../src/cluster/arrays.ts";
import {
  jobDataSchema,
  jobOfKind,
  kindOf,
  openInput,
  openResult,
  resultBytesMax,
  sealInput,
  sealResult,
  type BlockPlace,
} from "../../src/cluster/blocks.ts";
import { openGrant, sealGrant } from "../../src/cluster/grants.ts";
import { hpkePublicKey } from "../../src/vault/hpke.ts";
import { Vault } from "../../src/vault/vault.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const session = "ab".repeat(16);
const place: BlockPlace = { session, kind: "evaluateBatch", block: 3 };
const key = Vault.ofSecret(systemRng.bytes(32));

describe("arrays", () => {
  const arrays = { bytes: bytes("people"), offsets: Uint32Array.of(0, 3, 6), none: new Uint8Array(0) };

  test("come back as they were, each with a buffer of its own", () => {
    const packed = packArrays(arrays);
    expect(packed).toHaveLength(packedBytes([["bytes", 6], ["offsets", 12], ["none", 0]])); // prettier-ignore
    const back = unpackArrays(packed)!;
    expect(back).toEqual(arrays);
    for (const array of Object.values(back)) expect(array.buffer.byteLength).toBe(array.byteLength);
    expect(unpackArrays(packArrays(undefined))).toBeUndefined();
  });

  test("of any other form are refused: cut, lengthened, with a name twice or of other letters", () => {
    const packed = packArrays(arrays);
    for (let length = 0; length < packed.length; length++)
      expect(() => unpackArrays(packed.subarray(0, length))).toThrow(RangeError);
    expect(() => unpackArrays(Buffer.concat([packed, Buffer.alloc(1)]))).toThrow(RangeError);
    const one = packArrays({ a: bytes("x") }).subarray(1);
    expect(() => unpackArrays(Buffer.concat([Buffer.of(2), one, one]))).toThrow(RangeError);
    expect(() => unpackArrays(packArrays({ "../x": bytes("x") }))).toThrow(RangeError);
  });

  test("made of any bytes are arrays that pack to the same bytes, or are refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
        let arrays: ReturnType<typeof unpackArrays>;
        try {
          arrays = unpackArrays(random);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(packArrays(arrays)).toEqual(random);
      }),
    );
  });
});

describe("a block", () => {
  const { bytes: rows, offsets } = packRows([bytes("somebody@example.com")]);
  const secretKey = bytes("k".repeat(32));
  const input = () => ({ bytes: rows.slice(), offsets: offsets.slice(), secretKey }) as never;

  test("goes out without the secret that all blocks share, and opens in its place alone", () => {
    const sealed = sealInput(key, place, input());
    expect(openInput(key, place, sealed)).toEqual({ input: { bytes: rows, offsets }, span: undefined });
    for (const other of [{ block: 4 }, { kind: "blindBatch" as const }, { session: "cd".repeat(16) }])
      expect(() => openInput(key, { ...place, ...other }, sealed)).toThrow(/does not open/);
    expect(() => openResult(key, place, sealed, {})).toThrow(/does not open/);
    expect(() => openInput(Vault.ofSecret(systemRng.bytes(32)), place, sealed)).toThrow(/does not open/);
    expect(Buffer.from(sealed).includes("somebody")).toBe(false);
  });

  test("has a result of the right lengths, or none that is taken", () => {
    const shape = OPRF_JOBS.blindEvaluateBatch.shape({ points: new Uint8Array(64) } as never);
    const right = { points: new Uint8Array(64), proof: new Uint8Array(64) };
    const sealed = (result: Parameters<typeof sealResult>[2]) => sealResult(key, place, result);
    expect(openResult(key, place, sealed(right), shape)).toEqual(right);
    expect(sealed(right)).toHaveLength(resultBytesMax(shape));
    expect(openResult(key, place, sealed(undefined), shape)).toBeUndefined();
    const { proof } = right;
    const wrong = [
      { points: new Uint8Array(32), proof },
      { points: new Uint8Array(96), proof },
      { points: new Uint32Array(16), proof },
      { proof },
      { ...right, more: proof },
      { points: right.points, more: proof },
    ];
    for (const result of wrong)
      expect(() => openResult(key, place, sealed(result), shape)).toThrow(RangeError);
  });

  test("may be one of four jobs, and no other of that name", () => {
    expect(Object.keys(OPRF_JOBS).map((name) => kindOf(OPRF_JOBS[name as "blindBatch"]))).toEqual(
      Object.keys(OPRF_JOBS),
    );
    expect(kindOf({ ...OPRF_JOBS.blindBatch })).toBeUndefined();
    for (const name of ["constructor", "toString", "validBatch", ""]) expect(jobOfKind(name)).toBeUndefined();
  });

  test("is in Redis as three fields and no more", () => {
    const data = { session, block: 0, bytes: 100 };
    expect(jobDataSchema.parse(data)).toEqual(data);
    for (const other of [
      { session: "../../etc" },
      { block: -1 },
      { bytes: 1 },
      { bytes: 2 ** 40 },
      { more: 1 },
    ])
      expect(jobDataSchema.safeParse({ ...data, ...other }).success).toBe(false);
  });

  test("whose points were checked has them", async () => {
    const points = pool.kernel.multiplyBase(Uint8Array.of(1, ...new Uint8Array(31)));
    const { validBatch } = await import("@halfroom/match");
    expect(await pool.run(validBatch, { points: points.slice() })).toEqual({ points });
    for (const wrong of [new Uint8Array(32), new Uint8Array(32).fill(255)])
      expect(await pool.run(validBatch, { points: wrong })).toBeUndefined();
  });
});

describe("a session's key", () => {
  const privateKey = systemRng.bytes(32);
  const grant = { sessionKey: systemRng.bytes(32), secrets: { secretKey: bytes("k".repeat(32)) } };
  const sealed = sealGrant(hpkePublicKey(privateKey), session, "w", grant);

  test("opens for the worker that it is sealed to, in that session", () => {
    expect(openGrant(privateKey, session, "w", sealed)).toEqual(grant);
    expect(openGrant(privateKey, session, "v", sealed)).toBeUndefined();
    expect(openGrant(privateKey, "cd".repeat(16), "w", sealed)).toBeUndefined();
    expect(openGrant(systemRng.bytes(32), session, "w", sealed)).toBeUndefined();
  });

  test("of another form, or changed, is none", () => {
    const changed = sealed.slice();
    changed[40]! ^= 1;
    expect(openGrant(privateKey, session, "w", changed)).toBeUndefined();
    const short = sealGrant(hpkePublicKey(privateKey), session, "w", {
      ...grant,
      sessionKey: bytes("short"),
    });
    expect(openGrant(privateKey, session, "w", short)).toBeUndefined();
  });

  test("seals nothing once it was forgotten", () => {
    const vault = Vault.ofSecret(systemRng.bytes(32));
    vault.seal("cluster/result", [], bytes("x"));
    vault.wipe();
    expect(() => vault.seal("cluster/result", [], bytes("x"))).toThrow(/gone/);
  });
});
