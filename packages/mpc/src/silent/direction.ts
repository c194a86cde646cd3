// One direction of a shard, at either end: its expansions, the supplies that are dealt from them, and the vectors that take such supplies.
import { BLOCK_WORDS, bytesOf } from "@halfroom/crypto";
import { recvBulk, sendBulk } from "@halfroom/wire";
import type {
  Draw,
  PrepareChannel,
  ReceiverRows,
  ReceiverVector,
  SenderRows,
  SenderVector,
} from "../ot/source.ts";
import type { SoftSpokenReceiver, SoftSpokenSender } from "../softspoken/supply.ts";
import {
  MASK_BYTES,
  PROOF_BYTES,
  type ExpansionCheck,
  type ExpansionProof,
  type ExpansionProver,
  type Place,
} from "./check.ts";
import { grow, hashedDelta, puncture, seedTransfers, type ExpansionMemory } from "./expansion.ts";
import { roundedUp, type Expansions } from "./parameters.ts";
import { SilentReceiver, SilentSender, type SupplyPlace } from "./supply.ts";
import { correctionWords } from "./trees.ts";
import { growVector, punctureVector, VECTOR_CORRECTION_WORDS } from "./vector.ts";

/** What one direction of a shard draws, and from what it is made. */
export interface Plan {
  readonly place: SupplyPlace;
  readonly draws: readonly Draw[];
  readonly sizes: Expansions;
}

abstract class Direction<Supply, Vector> {
  /** Those that are drawn from: without those of vectors, once they are made. */
  readonly supplies: Map<string, Supply>;
  readonly vectors: Map<string, Vector> = new Map();
  readonly #plan: Plan;

  constructor(plan: Plan, open: (draw: Draw) => Supply) {
    this.#plan = plan;
    this.supplies = new Map(plan.draws.map((draw) => [draw.purpose, open(draw)]));
  }

  /** Calls `use` for each expansion, in order. */
  protected async each(use: (place: Place, sizes: Expansions) => Promise<void>): Promise<void> {
    const { place, sizes } = this.#plan;
    for (let expansion = 0; expansion < sizes.count; expansion++) await use({ ...place, expansion }, sizes);
  }

  /**
   * Calls `use` for each vector, in the order of the draws, with the supply of its transfers, once all expansions are dealt. It counts as one
   * more expansion. The chooser takes its transfers before they are checked: what it tells of them are choices, which nothing that the grower
   * sends changes.
   */
  protected async eachVector(
    use: (place: Place, supply: Supply, keep: (vector: Vector) => void) => Promise<void>,
  ): Promise<void> {
    const { place, draws, sizes } = this.#plan;
    const ofVectors = draws.filter(({ kind }) => kind === "vector");
    for (const [i, { purpose }] of ofVectors.entries()) {
      const keep = (vector: Vector) => {
        this.vectors.set(purpose, vector);
      };
      await use({ ...place, expansion: sizes.count + i }, this.supplies.get(purpose)!, keep);
      this.supplies.delete(purpose);
    }
  }

  /** Deals the blocks of an expansion to the supplies, in the order of the draws. */
  protected deal(
    { expansion }: Place,
    { transfers: each }: Expansions,
    blocks: Uint32Array,
    put: (supply: Supply, first: number, blocks: Uint32Array) => void,
  ): void {
    const from = expansion * each;
    let start = 0;
    for (const { purpose, transfers } of this.#plan.draws) {
      const end = start + roundedUp(transfers);
      const [first, last] = [Math.max(from, start), Math.min(from + each, end)];
      const own = blocks.subarray((first - from) * BLOCK_WORDS, (last - from) * BLOCK_WORDS);
      if (first < last) put(this.supplies.get(purpose)!, first - start, own);
      start = end;
    }
  }
}

/** The side that learns both strings: it grows the trees. */
export class Grower extends Direction<SilentSender, SenderVector> {
  readonly #seeds: SoftSpokenSender;
  readonly #correlated: SenderRows[] = [];
  readonly #provers: ExpansionProver[] = [];

  constructor(plan: Plan, seeds: SoftSpokenSender) {
    super(plan, (draw) => new SilentSender(plan.place, draw));
    this.#seeds = seeds;
  }

  /** Errors: `count`, `check`. */
  async takeSeeds(ch: PrepareChannel): Promise<void> {
    await this.each(async (_, sizes) => {
      this.#correlated.push(await this.#seeds.correlated(ch, seedTransfers(sizes)));
    });
  }

  async grow(ch: PrepareChannel, memory: ExpansionMemory): Promise<void> {
    await this.each(async (place, sizes) => {
      const { rows, delta } = this.#correlated[place.expansion]!;
      const grown = grow(place, sizes, rows, delta, memory);
      const hashed = hashedDelta(delta);
      this.#provers.push(grown);
      this.deal(place, sizes, grown.blocks, (supply, first, own) => supply.put(first, own, hashed));
      await sendBulk(ch, "treeCorrections", bytesOf(grown.corrections));
    });
    await this.eachVector(async (place, supply, keep) => {
      const grown = growVector(place, supply.ofVector(), memory);
      this.#provers.push(grown);
      keep(grown.vector);
      await sendBulk(ch, "treeCorrections", bytesOf(grown.corrections));
    });
  }

  /** Errors: `count`. */
  async prove(ch: PrepareChannel): Promise<void> {
    const received = await recvBulk(ch, "silentMask", this.#provers.length * MASK_BYTES);
    const masked = new Uint32Array(received.buffer);
    const proofs = this.#provers.map((each, i) =>
      each.prove(masked.subarray(i * BLOCK_WORDS, (i + 1) * BLOCK_WORDS)),
    );
    await sendBulk(ch, "silentProof", Buffer.concat(proofs));
  }
}

/** The side that learns one string of each pair: its choices are random. */
export class Chooser extends Direction<SilentReceiver, ReceiverVector> {
  readonly #seeds: SoftSpokenReceiver;
  readonly #correlated: ReceiverRows[] = [];
  readonly #punctured: ExpansionProof[] = [];

  constructor(plan: Plan, seeds: SoftSpokenReceiver) {
    super(plan, (draw) => new SilentReceiver(plan.place, draw));
    this.#seeds = seeds;
  }

  async chooseSeeds(ch: PrepareChannel): Promise<void> {
    await this.each(async (_, sizes) => {
      this.#correlated.push(await this.#seeds.correlated(ch, seedTransfers(sizes)));
    });
  }

  /** Errors: `count`. */
  async puncture(ch: PrepareChannel, memory: ExpansionMemory): Promise<void> {
    await this.each(async (place, sizes) => {
      const received = await recvBulk(ch, "treeCorrections", correctionWords(sizes) * 4);
      const correlated = this.#correlated[place.expansion]!;
      const corrections = new Uint32Array(received.buffer);
      const { blocks, masked, proof } = puncture(place, sizes, correlated, corrections, memory);
      this.#punctured.push({ masked, proof });
      this.deal(place, sizes, blocks, (supply, first, own) => supply.put(first, own));
    });
    await this.eachVector(async (place, supply, keep) => {
      const received = await recvBulk(ch, "treeCorrections", VECTOR_CORRECTION_WORDS * 4);
      const corrections = new Uint32Array(received.buffer);
      const { vector, masked, proof } = punctureVector(place, supply.ofVector(), corrections, memory);
      this.#punctured.push({ masked, proof });
      keep(vector);
    });
  }

  async mask(ch: PrepareChannel): Promise<void> {
    await sendBulk(ch, "silentMask", Buffer.concat(this.#punctured.map(({ masked }) => bytesOf(masked))));
  }

  /** Before it nothing of the supplies and vectors may be used. Errors: `count`, `check`. */
  async check(ch: PrepareChannel, check: ExpansionCheck): Promise<void> {
    const proofs = await recvBulk(ch, "silentProof", this.#punctured.length * PROOF_BYTES);
    for (const [i, { proof }] of this.#punctured.entries())
      check(proof, proofs.subarray(i * PROOF_BYTES, (i + 1) * PROOF_BYTES));
  }
}
