// Silent transfers as a source (protocol-spec.md, section 10.9): what a shard draws comes from expansions whose seeds are SoftSpokenOT's, and
// what was not prepared from SoftSpokenOT itself. Each side is the chooser of one direction and the grower of the other, at the same time:
//
//     chooser                                   grower
//     otCorrections of the seeds           ->
//                                          <-   treeCorrections
//     silentMask                           ->
//                                          <-   silentProof
import type {
  Draws,
  OtReceiver,
  OtSender,
  OtSource,
  PrepareChannel,
  ReceiverVector,
  SenderVector,
} from "../ot/source.ts";
import type { OtState } from "../ot/state.ts";
import { otherRole, type Role } from "../parties.ts";
import type { SoftSpokenSource } from "../softspoken/source.ts";
import { checkExpansion, type ExpansionCheck } from "./check.ts";
import { Chooser, Grower, type Plan } from "./direction.ts";
import { ExpansionMemory } from "./expansion.ts";
import { expansionsFor, VECTOR } from "./parameters.ts";

/** The supplies that the seeds of a shard's expansions are of. */
const SEEDS = "silent";

export class SilentSource implements OtSource {
  readonly prepares = true;
  readonly #seeds: SoftSpokenSource;
  readonly #check: ExpansionCheck;
  readonly #sending = new Map<string, OtSender>();
  readonly #receiving = new Map<string, OtReceiver>();
  readonly #sendingVectors = new Map<string, SenderVector>();
  readonly #receivingVectors = new Map<string, ReceiverVector>();

  /** `check`: replaced only by tests that show what it prevents. */
  constructor(seeds: SoftSpokenSource, check: ExpansionCheck = checkExpansion) {
    this.#seeds = seeds;
    this.#check = check;
  }

  async prepare(ch: PrepareChannel, shard: number, draws: Draws): Promise<void> {
    const sizes = expansionsFor(draws);
    const { session, role } = this.#seeds.state();
    const planOf = (direction: Role): Plan => {
      const place = { session, direction, shard };
      return { place, draws: draws[direction], sizes: sizes[direction] };
    };
    const grower = new Grower(planOf(role), this.#seeds.sending(SEEDS, shard));
    const chooser = new Chooser(planOf(otherRole(role)), this.#seeds.receiving(SEEDS, shard));
    if (role === "sender") {
      // Until the receiver has begun too, a lane takes no more than the first message.
      await grower.takeSeeds(ch);
      await chooser.chooseSeeds(ch);
    } else {
      await Promise.all([chooser.chooseSeeds(ch), grower.takeSeeds(ch)]);
    }
    const hasVectors = Object.values(draws)
      .flat()
      .some(({ kind }) => kind === "vector");
    const memory = new ExpansionMemory([...Object.values(sizes), ...(hasVectors ? [VECTOR] : [])]);
    await Promise.all([grower.grow(ch, memory), chooser.puncture(ch, memory)]);
    await chooser.mask(ch);
    await grower.prove(ch);
    await chooser.check(ch, this.#check);
    const keep = <T>(made: ReadonlyMap<string, T>, kept: Map<string, T>) => {
      for (const [purpose, each] of made) kept.set(nameOf(purpose, shard), each);
    };
    keep(grower.supplies, this.#sending);
    keep(chooser.supplies, this.#receiving);
    keep(grower.vectors, this.#sendingVectors);
    keep(chooser.vectors, this.#receivingVectors);
  }

  sending(purpose: string, shard: number): OtSender {
    return taken(this.#sending, nameOf(purpose, shard)) ?? this.#seeds.sending(purpose, shard);
  }

  receiving(purpose: string, shard: number): OtReceiver {
    return taken(this.#receiving, nameOf(purpose, shard)) ?? this.#seeds.receiving(purpose, shard);
  }

  sendingVector(purpose: string, shard: number): SenderVector {
    return taken(this.#sendingVectors, nameOf(purpose, shard)) ?? this.#seeds.sendingVector(purpose);
  }

  receivingVector(purpose: string, shard: number): ReceiverVector {
    return taken(this.#receivingVectors, nameOf(purpose, shard)) ?? this.#seeds.receivingVector(purpose);
  }

  state(): OtState {
    return { ...this.#seeds.state(), source: "silent" };
  }
}

function nameOf(purpose: string, shard: number): string {
  return `${purpose} ${shard}`;
}

/** A supply is opened once, and so is a vector. */
function taken<T>(supplies: Map<string, T>, name: string): T | undefined {
  const supply = supplies.get(name);
  supplies.delete(name);
  return supply;
}
