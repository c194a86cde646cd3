// SoftSpokenOT as a source of transfers: base transfers and trees of both directions, and supplies forked from them.
//
//     sender                                                     receiver
//     its key of direction receiver                    ->
//                                                      <-        its key of direction sender; choices of direction receiver
//     choices of direction sender; trees of direction receiver   ->
//                                                      <-        trees of direction sender
//
// A side may do other things between its messages.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import type { Channel } from "@halfroom/wire";
import type { OtSource } from "../ot/source.ts";
import type { OtK, OtState, SeedState } from "../ot/state.ts";
import { otherRole, type Role } from "../parties.ts";
import { transferChecks, type TransferChecks } from "./checks.ts";
import { OtReceiverSeeds, OtSenderSeeds, type OtReceiverSetup, type OtSenderSetup } from "./setup.ts";
import type { SoftSpokenReceiver, SoftSpokenSender } from "./supply.ts";

export interface SoftSpokenContext {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  readonly k: OtK;
  readonly kernel: GroupKernel;
  /** Forked under `transfers/sending` and `transfers/receiving`. */
  readonly rng: Rng;
}

type EstablishChannel = Channel<
  "baseOtKey" | "baseOtChoices" | "treeCorrections",
  "baseOtKey" | "baseOtChoices" | "treeCorrections"
>;

/** Both sides have sent what needs nothing of the other's. */
export interface SoftSpokenSetup {
  /**
   * The sender tells its choices and its trees. The receiver takes them, and tells its trees. Errors: `point`, `count`, `check`.
   */
  answer(ch: EstablishChannel): Promise<SoftSpokenSource>;
}

/** Errors: `point`, `count`. `checks`: replaced only by tests. */
export async function beginSoftSpoken(
  ch: EstablishChannel,
  context: SoftSpokenContext,
  checks = transferChecks,
): Promise<SoftSpokenSetup> {
  const { session, role, k, kernel, rng } = context;
  const common = { session, k, kernel };
  const receivingFork = { ...common, direction: otherRole(role), rng: rng.fork("transfers/receiving") };
  const takeChoices = await OtReceiverSeeds.begin(ch, receivingFork);
  const sendingFork = { ...common, direction: role, rng: rng.fork("transfers/sending") };
  const sending = await OtSenderSeeds.begin(ch, sendingFork, checks);
  const source = (receiving: OtReceiverSetup, settle: Settle | OtSenderSeeds) =>
    new SoftSpokenSource({ session, role, k }, receiving.seeds, settle, checks);
  if (role === "sender") {
    const receiving = await takeChoices(ch);
    return {
      async answer(to) {
        await sending.choose(to);
        await receiving.finish(to);
        return source(receiving, sending.finish);
      },
    };
  }
  await sending.choose(ch);
  return {
    async answer(to) {
      const receiving = await takeChoices(to);
      const sendingSeeds = await sending.finish(to);
      await receiving.finish(to);
      return source(receiving, sendingSeeds);
    },
  };
}

type Settle = OtSenderSetup["finish"];

export class SoftSpokenSource implements OtSource {
  readonly prepares = false;
  readonly #of: Pick<SoftSpokenContext, "session" | "role" | "k">;
  readonly #checks: TransferChecks;
  readonly #receiving: OtReceiverSeeds;
  #sending: OtSenderSeeds | Settle;

  /** `sending`: how the partner's trees are taken where they are still due. `checks`: replaced only by tests that show what they prevent. */
  constructor(
    of: Pick<SoftSpokenContext, "session" | "role" | "k">,
    receiving: OtReceiverSeeds,
    sending: OtSenderSeeds | Settle,
    checks = transferChecks,
  ) {
    this.#of = of;
    this.#receiving = receiving;
    this.#sending = sending;
    this.#checks = checks;
  }

  static of(state: SeedState, checks = transferChecks): SoftSpokenSource {
    const { session, role, k, sending, receiving } = state;
    return new SoftSpokenSource(
      { session, role, k },
      new OtReceiverSeeds({ session, k, direction: otherRole(role) }, receiving),
      new OtSenderSeeds({ session, k, direction: role }, sending, checks),
      checks,
    );
  }

  async settle(ch: Channel<never, "treeCorrections">): Promise<void> {
    if (typeof this.#sending === "function") this.#sending = await this.#sending(ch);
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  sending(purpose: string, shard: number): SoftSpokenSender {
    return this.#settled().fork(purpose, shard);
  }

  receiving(purpose: string, shard: number): SoftSpokenReceiver {
    return this.#receiving.fork(purpose, shard);
  }

  sendingVector(purpose: string): never {
    throw noVector(purpose);
  }

  receivingVector(purpose: string): never {
    throw noVector(purpose);
  }

  state(): OtState {
    const { session, role, k } = this.#of;
    const [sending, receiving] = [this.#settled().state, this.#receiving.state];
    return { source: "softspoken", k, session, role, sending, receiving };
  }

  #settled(): OtSenderSeeds {
    if (typeof this.#sending === "function") throw new RangeError("the partner's trees were not taken yet");
    return this.#sending;
  }
}

/** Vectors are made where transfers are prepared, and nothing is here. */
function noVector(purpose: string): RangeError {
  return new RangeError(`no vector was prepared for ${purpose}`);
}
