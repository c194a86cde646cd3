// What expansions made, drawn like any other transfers. The strings of a supply are hashed as SoftSpokenOT's are (`TMMO`), the tweak being the
// number of the transfer in its supply; those of a correlated supply stay as they are, without their lowest bit, which was the choice.
import { bitWords, BlockHash, BLOCK_WORDS, FixedKeyAes, takeLowBits } from "@halfroom/crypto";
import type { Draw, OtReceiver, OtSender, ReceiverRows, SenderRows } from "../ot/source.ts";
import type { Role } from "../parties.ts";
import { roundedUp } from "./parameters.ts";

const WORD = 32;

export interface SupplyPlace {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly shard: number;
}

type Hashed = "bits" | "strings";

/** How the strings of a kind are hashed; undefined where they are not. */
const HASHED: Readonly<Record<Draw["kind"], Hashed | undefined>> = {
  bits: "bits",
  blocks: "strings",
  correlated: undefined,
  vector: undefined,
};

/** Words of the strings of so many transfers. */
function stringWords(kind: Draw["kind"], transfers: number): number {
  return kind === "bits" ? bitWords(transfers) : transfers * BLOCK_WORDS;
}

function supplyHash({ session, direction, shard }: SupplyPlace, purpose: string): BlockHash {
  return new BlockHash(new FixedKeyAes("silent/hash", session, direction, purpose, shard));
}

/** Hands out in order what was made, once. */
class Drawing {
  readonly #draw: Draw;
  #position = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  get transfers(): number {
    return this.#draw.transfers;
  }

  /** Where the next `count` transfers begin. Errors: RangeError for what was not prepared. */
  next(kind: Draw["kind"], count: number): number {
    const start = this.#position;
    this.#position += roundedUp(count);
    if (kind !== this.#draw.kind || this.#position > roundedUp(this.#draw.transfers))
      throw new RangeError(`not so many ${kind} were prepared for ${this.#draw.purpose}`);
    return start;
  }
}

/** The end that learns both strings. */
export class SilentSender implements OtSender {
  readonly #hash: BlockHash;
  readonly #kind: Draw["kind"];
  readonly #drawing: Drawing;
  readonly #zero: Uint32Array;
  /** Empty where strings stay correlated. */
  readonly #one: Uint32Array;
  #delta: Uint32Array = new Uint32Array(0);

  constructor(place: SupplyPlace, draw: Draw) {
    this.#hash = supplyHash(place, draw.purpose);
    this.#kind = draw.kind;
    this.#drawing = new Drawing(draw);
    this.#zero = new Uint32Array(stringWords(draw.kind, roundedUp(draw.transfers)));
    this.#one = new Uint32Array(HASHED[draw.kind] === undefined ? 0 : this.#zero.length);
  }

  /** Makes strings from number `first` on of K_j, n x 4 words; `delta`: 4 words, the lowest bit 0. */
  put(first: number, blocks: Uint32Array, delta: Uint32Array): void {
    this.#delta = delta;
    const at = stringWords(this.#kind, first);
    const hashed = HASHED[this.#kind];
    if (hashed === undefined) {
      this.#zero.set(blocks, at);
      return;
    }
    const { zero, one } = this.#hash[hashed](blocks, first, delta);
    this.#zero.set(zero, at);
    this.#one.set(one, at);
  }

  blocks(_ch: unknown, count: number): ReturnType<OtSender["blocks"]> {
    const start = this.#drawing.next("blocks", count) * BLOCK_WORDS;
    const next = (strings: Uint32Array) => strings.slice(start, start + count * BLOCK_WORDS);
    return Promise.resolve({ zero: next(this.#zero), one: next(this.#one) });
  }

  bits(_ch: unknown, count: number): ReturnType<OtSender["bits"]> {
    const start = this.#drawing.next("bits", count) / WORD;
    const next = (bits: Uint32Array) => bits.slice(start, start + bitWords(count));
    return Promise.resolve({ zero: next(this.#zero), one: next(this.#one) });
  }

  correlated(_ch: unknown, count: number): Promise<SenderRows> {
    return Promise.resolve(this.#rows("correlated", count));
  }

  /** All transfers of a vector, as `correlated` gives them. */
  ofVector(): SenderRows {
    return this.#rows("vector", this.#drawing.transfers);
  }

  #rows(kind: Draw["kind"], count: number): SenderRows {
    const start = this.#drawing.next(kind, count) * BLOCK_WORDS;
    return { rows: this.#zero.subarray(start, start + count * BLOCK_WORDS), delta: this.#delta };
  }
}

/** The end that learns one string of each pair. */
export class SilentReceiver implements OtReceiver {
  readonly #hash: BlockHash;
  readonly #kind: Draw["kind"];
  readonly #drawing: Drawing;
  readonly #choices: Uint32Array;
  readonly #chosen: Uint32Array;

  constructor(place: SupplyPlace, draw: Draw) {
    this.#hash = supplyHash(place, draw.purpose);
    this.#kind = draw.kind;
    this.#drawing = new Drawing(draw);
    const transfers = roundedUp(draw.transfers);
    this.#choices = new Uint32Array(bitWords(transfers));
    this.#chosen = new Uint32Array(stringWords(draw.kind, transfers));
  }

  /** Takes up K_j + c_j Delta, n x 4 words. */
  put(first: number, blocks: Uint32Array): void {
    takeLowBits(blocks, this.#choices.subarray(first / WORD));
    const hashed = HASHED[this.#kind];
    const strings = hashed === undefined ? blocks : this.#hash[hashed](blocks, first).zero;
    this.#chosen.set(strings, stringWords(this.#kind, first));
  }

  blocks(_ch: unknown, count: number): ReturnType<OtReceiver["blocks"]> {
    const start = this.#drawing.next("blocks", count);
    const chosen = this.#chosen.slice(start * BLOCK_WORDS, (start + count) * BLOCK_WORDS);
    return Promise.resolve({ choices: this.#choicesFrom(start, count), chosen });
  }

  bits(_ch: unknown, count: number): ReturnType<OtReceiver["bits"]> {
    const start = this.#drawing.next("bits", count);
    const chosen = this.#chosen.slice(start / WORD, start / WORD + bitWords(count));
    return Promise.resolve({ choices: this.#choicesFrom(start, count), chosen });
  }

  correlated(_ch: unknown, count: number): Promise<ReceiverRows> {
    return Promise.resolve(this.#rows("correlated", count));
  }

  /** All transfers of a vector, as `correlated` gives them. */
  ofVector(): ReceiverRows {
    return this.#rows("vector", this.#drawing.transfers);
  }

  #rows(kind: Draw["kind"], count: number): ReceiverRows {
    const start = this.#drawing.next(kind, count);
    const rows = this.#chosen.subarray(start * BLOCK_WORDS, (start + count) * BLOCK_WORDS);
    return { choices: this.#choicesFrom(start, count), rows };
  }

  #choicesFrom(start: number, count: number): Uint32Array {
    return this.#choices.slice(start / WORD, start / WORD + bitWords(count));
  }
}
