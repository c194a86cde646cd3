// The seed of cuckoo hashing, drawn jointly once both inputs are fixed (design 2.3, step 1): the receiver commits, the
// sender answers, the receiver opens. Neither side can choose positions for its people. One seed serves all shards, whose
// numbers go into the positions.
import { hash256, type Rng } from "@halfroom/crypto";
import { ProtocolError, type Channel } from "@halfroom/wire";

const SHARE_BYTES = 32;

type SeedMessage = "seedCommitment" | "seedShare" | "seedOpening";
type SeedChannel = Channel<SeedMessage, SeedMessage>;

/** A seed on its way: other messages may come between its steps, of which each side takes all, in this order. */
export interface JointSeed {
  /** The sender tells its share. The receiver takes it, and opens its own. */
  answer(ch: SeedChannel): Promise<void>;
  /** The sender takes the opening. Returns the seed, 32 bytes. Errors: `commitment`. */
  settle(ch: SeedChannel): Promise<Uint8Array>;
}

/** The receiver commits to its share. */
export async function beginSeed(
  ch: SeedChannel,
  role: "sender" | "receiver",
  session: Uint8Array,
  rng: Rng,
): Promise<JointSeed> {
  return role === "sender" ? await senderSeed(ch, session, rng) : await receiverSeed(ch, session, rng);
}

async function receiverSeed(ch: SeedChannel, session: Uint8Array, rng: Rng): Promise<JointSeed> {
  const share = rng.bytes(SHARE_BYTES);
  const nonce = rng.bytes(SHARE_BYTES);
  const commitment = hash256("match/seed-commitment", session, nonce, share);
  await ch.send({ type: "seedCommitment", commitment });
  let seed = new Uint8Array(0);
  return {
    async answer(to) {
      const theirs = await to.recv("seedShare");
      await to.send({ type: "seedOpening", share, nonce });
      seed = new Uint8Array(hash256("match/seed", session, share, theirs.share));
    },
    settle: async () => seed,
  };
}

async function senderSeed(ch: SeedChannel, session: Uint8Array, rng: Rng): Promise<JointSeed> {
  const { commitment } = await ch.recv("seedCommitment");
  const share = rng.bytes(SHARE_BYTES);
  return {
    answer: (to) => to.send({ type: "seedShare", share }),
    async settle(from) {
      const opening = await from.recv("seedOpening");
      const expected = hash256("match/seed-commitment", session, opening.nonce, opening.share);
      if (Buffer.compare(expected, commitment) !== 0) throw new ProtocolError("commitment");
      return hash256("match/seed", session, opening.share, share);
    },
  };
}
