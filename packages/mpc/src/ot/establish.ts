// The only place that knows the sources of transfers: making one for a session, and opening it again from its state.
import type { Channel } from "@halfroom/wire";
import { establishSoftSpoken, SoftSpokenSource, type SoftSpokenContext } from "../softspoken/source.ts";
import type { OtSource } from "./source.ts";
import type { OtState, OtTerms } from "./state.ts";

type EstablishMessage = "baseOtKey" | "baseOtChoices" | "treeCorrections";

export interface TransfersContext extends Omit<SoftSpokenContext, "k"> {
  /** As both parties agreed. */
  readonly transfers: OtTerms;
}

/**
 * Base transfers of both directions, direction `sender` first, and the agreed source over them: once a session.
 * Errors: `point`, `count`, `check`.
 */
export async function establishTransfers(
  ch: Channel<EstablishMessage, EstablishMessage>,
  { transfers, ...context }: TransfersContext,
): Promise<OtSource> {
  return await establishSoftSpoken(ch, { ...context, k: transfers.k });
}

/** The source whose `state()` this is. A supply that was opened elsewhere must not be opened here again. */
export function openOtSource(state: OtState): OtSource {
  return new SoftSpokenSource(state);
}
