// The randomness of a session (protocol-spec.md, section 15.3). A side draws one seed, commits to it in its statement, and expands
// it once both have signed: nothing that is random afterwards depends on anything else. Nonce and salts are drawn beside the seed,
// since they become known while it stays secret; a seed that came twice would still meet another nonce, and so another session id.
// Identity, TLS and epoch keys outlive a session and never come from its seed.
import { SEED_BYTES, seedRng, type Rng } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";

const NO_SESSION = new Uint8Array(0);
const NONCE_BYTES = 32;
const SALT_BYTES = 32;
const TAG_BYTES = 32;

/** What a side draws for its statement: 32 bytes each. All but the nonce stay at home. */
export interface StatementSecrets {
  readonly nonce: Uint8Array;
  readonly seed: Uint8Array;
  /** What stands in place of the tag of a stored report, where there is none. */
  readonly noTag: Uint8Array;
  /** They open the commitments of the statement. */
  readonly salts: Readonly<Record<"data" | "filter" | "seed", Uint8Array>>;
}

/** `rng`: the operating system's generator in production, fresh for each session. */
export function drawSecrets(rng: Rng): StatementSecrets {
  const salt = (what: string) => rng.fork(`statement/salt/${what}`).bytes(SALT_BYTES);
  return {
    nonce: rng.fork("statement/nonce").bytes(NONCE_BYTES),
    seed: rng.fork("statement/seed").bytes(SEED_BYTES),
    noTag: rng.fork("statement/stored").bytes(TAG_BYTES),
    salts: { data: salt("data"), filter: salt("filter"), seed: salt("seed") },
  };
}

/** What the receiver needs before there is a session id: whom it enrols, and beside whom. */
export function enrolmentRng({ seed }: Pick<StatementSecrets, "seed">): Rng {
  return seedRng("rng/enrolment", NO_SESSION, seed);
}

/** Everything else of one side's session. */
export function sessionRng(
  { seed }: Pick<StatementSecrets, "seed">,
  { session, role }: { readonly session: Uint8Array; readonly role: Role },
): Rng {
  return seedRng("rng/session", session, seed, role);
}

/** The seed of an attempt of a shard, which goes to whoever runs it. */
export function shardSeed(rng: Rng, shard: number, attempt: number): Uint8Array {
  return rng.fork(`shard/${shard}/${attempt}`).bytes(SEED_BYTES);
}

/** What a shard draws, from its seed. */
export function shardRng(seed: Uint8Array, session: Uint8Array): Rng {
  return seedRng("rng/shard", session, seed);
}

/** The made-up people of a shard in one attempt. */
export function paddingRng(rng: Rng, shard: number, attempt: number): Rng {
  return rng.fork(`padding/${shard}/${attempt}`);
}
