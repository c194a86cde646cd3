// What this side states of its prepared data.
import { systemRng, type GroupPool } from "@halfroom/crypto";
import { derivePublicKey, generateKey } from "@halfroom/match";
import type { Statement } from "../agreement/agreement.types.ts";
import { commitTo } from "../agreement/statement.ts";
import type { PreparedDataset } from "../data/prepare-dataset.ts";
import type { Role } from "../half.types.ts";
import { keyFingerprint } from "../identity/fingerprint.ts";

const SALT_BYTES = 32;
const NONCE_BYTES = 32;
const DAY_MS = 86_400_000;

export interface OwnStatement {
  readonly statement: Statement;
  /** The sender's OPRF key. */
  readonly oprfKey: Uint8Array | undefined;
}

export function stateOwn(
  role: Role,
  signingKey: Uint8Array,
  data: PreparedDataset,
  where: string | undefined,
  pool: GroupPool,
): OwnStatement {
  const common = {
    nonce: systemRng.bytes(NONCE_BYTES),
    fingerprint: keyFingerprint(signingKey),
    people: data.counts.people,
    data: commitTo("data", systemRng.bytes(SALT_BYTES), data.digest),
    filter: commitTo("filter", systemRng.bytes(SALT_BYTES), where ?? ""),
  };
  if (role === "receiver") {
    const statement = { role, ...common, cells: data.cells, evaluations: data.counts.people };
    return { statement, oprfKey: undefined };
  }
  const oprfKey = generateKey(pool.kernel, systemRng.fork("oprf-key"));
  const epochKey = derivePublicKey(pool.kernel, oprfKey);
  return {
    statement: { role, ...common, epoch: 1, epochKey, epochEndsAt: Date.now() + 30 * DAY_MS },
    oprfKey,
  };
}
