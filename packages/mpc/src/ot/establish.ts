// The only place that knows the sources of transfers: making one for a session, and opening it again from its state.
import type { Channel } from "@halfroom/wire";
import { SilentSource } from "../silent/source.ts";
import { beginSoftSpoken, SoftSpokenSource, type SoftSpokenContext } from "../softspoken/source.ts";
import type { OtSource } from "./source.ts";
import type { OtState, OtTerms } from "./state.ts";

type EstablishMessage = "baseOtKey" | "baseOtChoices" | "treeCorrections";
type EstablishChannel = Channel<EstablishMessage, EstablishMessage>;

export interface TransfersContext extends Omit<SoftSpokenContext, "k"> {
  /** As both parties agreed. */
  readonly transfers: OtTerms;
}

/** A source of which the sender can draw what it chooses before it has taken the receiver's last message. */
export interface UnsettledSource extends OtSource {
  /** The sender takes the receiver's last message; at the receiver nothing is left to do. Errors: `count`, `check`. */
  settle(ch: Channel<never, "treeCorrections">): Promise<void>;
}

/**
 * The set-up of both directions, once a session: what needs nothing of the partner's. Each side may send and take other messages
 * before the answers. Errors: `point`, `count`.
 */
export async function beginTransfers(
  ch: EstablishChannel,
  { transfers, ...context }: TransfersContext,
): Promise<{ answer(ch: EstablishChannel): Promise<UnsettledSource> }> {
  const seeds = await beginSoftSpoken(ch, { ...context, k: transfers.k });
  if (transfers.source === "softspoken") return seeds;
  return { answer: async (to) => new UnsettledSilent(await seeds.answer(to)) };
}

class UnsettledSilent extends SilentSource implements UnsettledSource {
  readonly #seeds: SoftSpokenSource;

  constructor(seeds: SoftSpokenSource) {
    super(seeds);
    this.#seeds = seeds;
  }

  settle(ch: Channel<never, "treeCorrections">): Promise<void> {
    return this.#seeds.settle(ch);
  }
}

/** The source whose `state()` this is. A supply that was opened elsewhere must not be opened here again. */
export function openOtSource(state: OtState): OtSource {
  const seeds = SoftSpokenSource.of(state);
  return state.source === "silent" ? new SilentSource(seeds) : seeds;
}
