// SoftSpokenOT as a source of transfers: base transfers and trees of both directions, and supplies forked from them.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import type { Channel } from "@halfroom/wire";
import type { OtReceiver, OtSender, OtSource } from "../ot/source.ts";
import { OT_SOURCE, type OtK, type OtState } from "../ot/state.ts";
import { otherRole, type Role } from "../parties.ts";
import { transferChecks } from "./checks.ts";
import { OtReceiverSeeds, OtSenderSeeds } from "./setup.ts";

export interface SoftSpokenContext {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  readonly k: OtK;
  readonly kernel: GroupKernel;
  /** Forked under `transfers/sending` and `transfers/receiving`. */
  readonly rng: Rng;
}

type EstablishMessage = "baseOtKey" | "baseOtChoices" | "treeCorrections";

/** Both directions, direction `sender` first. Errors: `point`, `count`, `check`. `checks`: replaced only by tests. */
export async function establishSoftSpoken(
  ch: Channel<EstablishMessage, EstablishMessage>,
  context: SoftSpokenContext,
  checks = transferChecks,
): Promise<SoftSpokenSource> {
  const { session, role, k, kernel, rng } = context;
  const common = { session, k, kernel };
  const asSender = () =>
    OtSenderSeeds.establish(ch, { ...common, direction: role, rng: rng.fork("transfers/sending") }, checks);
  const asReceiver = () =>
    OtReceiverSeeds.establish(ch, {
      ...common,
      direction: otherRole(role),
      rng: rng.fork("transfers/receiving"),
    });
  const first = role === "sender" ? await asSender() : undefined;
  const receiving = await asReceiver();
  const sending = first ?? (await asSender());
  const state: OtState = {
    source: OT_SOURCE,
    k,
    session,
    role,
    sending: sending.state,
    receiving: receiving.state,
  };
  return new SoftSpokenSource(state, checks);
}

export class SoftSpokenSource implements OtSource {
  readonly #state: OtState;
  readonly #sending: OtSenderSeeds;
  readonly #receiving: OtReceiverSeeds;

  /** `checks`: replaced only by tests that show what they prevent. */
  constructor(state: OtState, checks = transferChecks) {
    const { session, role, k, sending, receiving } = state;
    this.#state = state;
    this.#sending = new OtSenderSeeds({ session, k, direction: role }, sending, checks);
    this.#receiving = new OtReceiverSeeds({ session, k, direction: otherRole(role) }, receiving);
  }

  sending(purpose: string, shard: number): OtSender {
    return this.#sending.fork(purpose, shard);
  }

  receiving(purpose: string, shard: number): OtReceiver {
    return this.#receiving.fork(purpose, shard);
  }

  state(): OtState {
    return this.#state;
  }
}
