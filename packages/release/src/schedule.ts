// What this side is about to publish or open, as text that both sides compare first (protocol-spec.md, section 13.2): which
// tests, against which bounds, which of them each vector of a circuit is made of, and every gate. Two honest sides that ran
// different gates would otherwise open noise, which no commitment and no comparison of messages notices.
import { hash256 } from "@halfroom/crypto";
import type { Gates } from "@halfroom/mpc";
import type { Factors } from "./table/factors.ts";
import { kindName, type TestRun } from "./table/runs.ts";

export class Schedule {
  readonly #gates: Gates;
  readonly #session: Uint8Array;

  constructor(gates: Gates, session: Uint8Array) {
    this.#gates = gates;
    this.#session = session;
  }

  /** The runs of tests of a table: `tests PARTITION COUNT KIND`. */
  tests(runs: readonly TestRun[]): void {
    for (const { kind, partition, count } of runs)
      this.#gates.note(`tests ${partition} ${count} ${kindName(kind)}`);
  }

  /** The runs of tests of hidden parts: `segments COUNT LENGTHS`, `hidden KIND COUNT`. */
  hidden(lengths: readonly number[], kinds: readonly string[]): void {
    const parts = lengths.reduce((sum, length) => sum + length, 0);
    this.#gates.note(`segments ${lengths.length} ${this.#digest(Uint32Array.from(lengths))}`);
    for (const kind of kinds) this.#gates.note(`hidden ${kind} ${parts}`);
  }

  /** A run of shared numbers that is compared with public bounds: `compare COUNT WIDTH BOUNDS`. */
  compare(bounds: BigInt64Array, width: number): void {
    this.#gates.note(`compare ${bounds.length} ${width} ${this.#digest(bounds)}`);
  }

  /** The vectors of an AND of several: `vector NAME BITS TESTS`, or `vector NAME BITS WIRE` for one that is not made of tests. */
  vectors(factors: Factors, others: readonly string[]): void {
    const bits = factors[0]!.length;
    factors.forEach((tests, i) => this.#gates.note(`vector v${i} ${bits} ${this.#digest(tests)}`));
    others.forEach((name, i) => this.#gates.note(`vector v${factors.length + i} ${bits} ${name}`));
  }

  /** Each of `rows` bits is multiplied with `columns` numbers: `multiply ROWS COLUMNS`. */
  multiply(rows: number, columns: number): void {
    this.#gates.note(`multiply ${rows} ${columns}`);
  }

  /** The comparison that follows is before bits are published: `publish LABEL BITS`. */
  publish(label: string, bits: number): void {
    this.#gates.note(`publish ${label} ${bits}`);
  }

  /** Or before numbers open: `open NUMBERS WIDTHS`. */
  open(widths: Uint8Array): void {
    this.#gates.note(`open ${widths.length} ${this.#digest(Uint32Array.from(widths))}`);
  }

  /** The digest of all lines so far, 32 bytes. */
  digest(): Uint8Array {
    return hash256("release/schedule", this.#session, this.#gates.list());
  }

  /** A list of numbers, which would be too long for a line, as hex. */
  #digest(numbers: Uint32Array | BigInt64Array): string {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    return Buffer.from(hash256("release/list", this.#session, bytes)).toString("hex");
  }
}
