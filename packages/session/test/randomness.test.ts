// All randomness of a session follows from the seed that the statement commits to.
import { systemRng, type Rng } from "@halfroom/crypto";
import { expect, test } from "vitest";
import { commitTo } from "../src/agreement/statement.ts";
import { drawSecrets, enrolmentRng, sessionRng, shardRng, shardSeed } from "../src/randomness.ts";

const SESSION = systemRng.bytes(32);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Counts what is asked of the generator. */
function counted(): { readonly rng: Rng; readonly drawn: string[] } {
  const drawn: string[] = [];
  const of = (path: string): Rng => ({
    bytes(length) {
      drawn.push(`${path} ${length}`);
      return systemRng.bytes(length);
    },
    fork: (label) => of(label),
  });
  return { rng: of(""), drawn };
}

test("a statement draws nonce, seed and a salt for each commitment, 32 bytes each, once", () => {
  const { rng, drawn } = counted();
  const { nonce, seed, salts } = drawSecrets(rng);
  expect(drawn.toSorted()).toEqual(
    ["nonce", "salt/data", "salt/filter", "salt/seed", "seed", "stored"].map(
      (what) => `statement/${what} 32`,
    ),
  );
  const all = [nonce, seed, ...Object.values(salts)].map(hex);
  expect(new Set(all).size).toBe(5);
});

test("the commitment binds to the seed and hides it behind the salt", () => {
  const { seed, salts } = drawSecrets(systemRng);
  const commitment = commitTo("seed", salts.seed, seed);
  const others = [
    commitTo("seed", salts.seed, systemRng.bytes(32)),
    commitTo("seed", salts.data, seed),
    commitTo("data", salts.seed, seed),
  ];
  expect(others.map(hex)).not.toContain(hex(commitment));
});

test("generators differ by seed, session, role, shard and attempt", () => {
  const seeds = [systemRng.bytes(32), systemRng.bytes(32)];
  const generators = seeds.flatMap((seed) => [
    enrolmentRng({ seed }),
    ...[SESSION, systemRng.bytes(32)].flatMap((session) =>
      (["sender", "receiver"] as const).flatMap((role) => {
        const rng = sessionRng({ seed }, { session, role });
        const shards = [0, 1].flatMap((shard) =>
          [0, 1].map((attempt) => shardRng(shardSeed(rng, shard, attempt), session)),
        );
        return [rng, ...shards];
      }),
    ),
  ]);
  expect(new Set(generators.map((rng) => hex(rng.bytes(16)))).size).toBe(42);
});

test("the seed of a shard's attempt is drawn once", () => {
  const rng = sessionRng({ seed: systemRng.bytes(32) }, { session: SESSION, role: "sender" });
  shardSeed(rng, 3, 0);
  expect(() => shardSeed(rng, 3, 0)).toThrow(RangeError);
});
