// The keys of a shard's bins (protocol-spec.md, section 11.3), either way. Both begin with a message of the sender's: the receiver sends
// nothing over a lane before it, since the sender takes no more of a lane that it has not opened.
import type { Rng } from "@halfroom/crypto";
import {
  vectorDraw,
  type Draw,
  type OtReceiverChannel,
  type OtSenderChannel,
  type OtSource,
} from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";
import { binOprf, type BinKeys, type BinOprf } from "./bin-oprf.ts";
import { vectorReceiver, vectorSender } from "./bin-vector.ts";
import { CODE_BITS } from "./code.ts";
import type { BinContext } from "./key-hash.ts";

interface KeysContext extends BinContext {
  readonly transfers: OtSource;
  readonly rng: Rng;
}

/** What the receiver sends for the keys. */
export type KeyMessage = "binMatrix" | "binCheck" | "binMasks";

/** Each side begins before the shard's other transfers are prepared, and calls what it resolves to once they are. */
export interface KeysOfBins {
  /** Then the keys of `pseudonyms`, bins x 64 bytes, random ones for empty bins: bins x 8 words. Errors: `count`, `check`. */
  receiver(
    ch: OtSenderChannel<KeyMessage, "shardBegins">,
    context: KeysContext,
  ): Promise<(pseudonyms: Uint8Array) => Promise<Uint32Array>>;
  /** Then its keys, with the number of bins. Errors: `count`, `check`. */
  sender(
    ch: OtReceiverChannel<"shardBegins", KeyMessage>,
    context: KeysContext,
  ): Promise<(ch: Channel<never, KeyMessage>, bins: number) => Promise<BinKeys>>;
}

/** From a matrix, where transfers are not silent. `oprf`: replaced only by tests that show what it protects. */
export function keysFromMatrix(oprf: BinOprf = binOprf): KeysOfBins {
  return {
    async receiver(ch, { transfers, shard, session, rng }) {
      const columns = await transfers.sending("match/matrix", shard).blocks(ch, CODE_BITS);
      return (pseudonyms) =>
        oprf.receiver(ch, { session, shard }, pseudonyms, columns, rng.fork("match/sacrificed-rows"));
    },
    async sender(ch, { transfers, shard, session }) {
      const columns = await transfers.receiving("match/matrix", shard).blocks(ch, CODE_BITS);
      return (from, bins) => oprf.sender(from, { session, shard }, bins, columns);
    },
  };
}

/** What keys from a vector draw, in direction `sender`. */
export function vectorOfBins(bins: number): Draw {
  return vectorDraw("match/vector", bins);
}

/** From a vector, where transfers are silent. */
export const keysFromVector: KeysOfBins = {
  async receiver(ch, { transfers, shard, session }) {
    await ch.recv("shardBegins");
    return (pseudonyms) =>
      vectorReceiver(ch, { session, shard }, pseudonyms, transfers.receivingVector("match/vector", shard));
  },
  async sender(ch, { transfers, shard, session }) {
    await ch.send({ type: "shardBegins" });
    return (from, bins) =>
      vectorSender(from, { session, shard }, bins, transfers.sendingVector("match/vector", shard));
  },
};
