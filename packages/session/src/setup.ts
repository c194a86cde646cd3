// What both sides draw together before they match, none of which depends on their data: transfers of both directions, the seed of
// the bins, the triples of the release. The first messages leave before the pseudonyms are made, the answers after.
//
//     sender                                                        receiver
//     base transfers                                     <->        base transfers; commitment to its share of the seed
//                                   (pseudonymise)
//     base transfers, trees; its share; its half of triples   ->
//                                                        <-         trees; opening of its share; its half of triples
//
// The sender draws what it chooses in the match before it takes the last line.
import { beginSeed } from "@halfroom/match";
import { beginTransfers, beginTriples, type OtSource, type Triples } from "@halfroom/mpc";
import type { OpenChannel } from "@halfroom/wire";
import type { Side } from "./side.ts";
import { RELEASE, releaseTripleWords } from "./table/open-table.ts";

export interface Setup {
  /** Errors: `point`, `count`, `check`. */
  answer(ch: OpenChannel): Promise<Drawn>;
}

interface Drawn {
  /** The sender can draw from it what it chooses, and all once `binSeed` has resolved. */
  readonly transfers: OtSource;
  /** Takes what is left, once, and gives the seed of the bins. Errors: `count`, `check`, `commitment`. */
  binSeed(): Promise<Uint8Array>;
  /** Of the release; there once `binSeed` has resolved. */
  triples(): Triples;
}

/** Errors: `point`, `count`. */
export async function beginSetup(ch: OpenChannel, side: Side): Promise<Setup> {
  const { role, session, rng, terms, content } = side;
  const source = { source: terms.transfers ?? "softspoken", k: terms.otK } as const;
  const base = await beginTransfers(ch, { ...side, transfers: source });
  const seed = await beginSeed(ch, role, session, rng.fork("match/seed"));
  const words = releaseTripleWords(terms, content);
  return {
    async answer(to) {
      const transfers = await base.answer(to);
      await seed.answer(to);
      const half = beginTriples(to, transfers.receiving("release", RELEASE), words);
      // The receiver takes the sender's half while its own, which may be long, is on its way; what goes wrong is told there.
      half.catch(() => {});
      if (role === "sender") await half;
      let triples: Triples | undefined;
      return {
        transfers,
        async binSeed() {
          await transfers.settle(to);
          const binSeed = await seed.settle(to);
          const theirs = transfers.sending("release", RELEASE).bits(to, words * 32);
          const [join, sent] = await Promise.all([half, theirs]);
          triples = join(sent);
          return binSeed;
        },
        triples: () => triples!,
      };
    },
  };
}
