// The seed of cuckoo hashing, drawn jointly once both inputs are fixed (design 2.3, step 1): the receiver commits, the
// sender answers, the receiver opens. Neither side can choose positions for its people.
import { hash256, type Rng } from "@halfroom/crypto";
import { ProtocolError, type Channel } from "@halfroom/wire";

const SHARE_BYTES = 32;

export async function receiverSeed(
  ch: Channel<"seedCommitment" | "seedOpening", "seedShare">,
  session: Uint8Array,
  rng: Rng,
): Promise<Uint8Array> {
  const share = rng.bytes(SHARE_BYTES);
  const nonce = rng.bytes(SHARE_BYTES);
  await ch.send({
    type: "seedCommitment",
    commitment: hash256("match/seed-commitment", session, nonce, share),
  });
  const theirs = await ch.recv("seedShare");
  await ch.send({ type: "seedOpening", share, nonce });
  return hash256("match/seed", session, share, theirs.share);
}

export async function senderSeed(
  ch: Channel<"seedShare", "seedCommitment" | "seedOpening">,
  session: Uint8Array,
  rng: Rng,
): Promise<Uint8Array> {
  const { commitment } = await ch.recv("seedCommitment");
  const share = rng.bytes(SHARE_BYTES);
  await ch.send({ type: "seedShare", share });
  const opening = await ch.recv("seedOpening");
  const expected = hash256("match/seed-commitment", session, opening.nonce, opening.share);
  if (Buffer.compare(expected, commitment) !== 0) throw new ProtocolError("commitment");
  return hash256("match/seed", session, opening.share, share);
}
