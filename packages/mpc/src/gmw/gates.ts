// AND gates on vectors of shared bits (Goldreich, Micali, Wigderson, STOC 1987), and the list of those that were run
// (protocol-spec.md, section 10.6). Which operand is the left one matters: parties that disagree open d and e of different
// gates, and every later bit is noise that no comparison of messages notices. So operands carry the names that the
// specification gives them, and the list of gates is what two sides can compare.
import { exchangeBulk, type Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";
import { joinPlanes } from "./planes.ts";
import { maskInputs, multiply } from "./steps.ts";
import type { TripleSource } from "./triples.ts";

/** A vector of shared bits under its name in the list of gates. */
export interface Wire {
  readonly name: string;
  readonly bits: Uint32Array;
}

/** output = left AND right, bit by bit. */
export interface Gate {
  readonly left: Wire;
  readonly right: Wire;
  readonly output: string;
}

/** One side's end of a run of gates. */
export class Gates {
  readonly role: Role;
  readonly #ch: Channel<"gateOpening", "gateOpening">;
  readonly #triples: TripleSource;
  readonly #list: string[] = [];

  constructor(ch: Channel<"gateOpening", "gateOpening">, role: Role, triples: TripleSource) {
    this.#ch = ch;
    this.role = role;
    this.#triples = triples;
  }

  /**
   * xor shares of the outputs of `gates`, in one exchange: as many words of triples as all left operands have, and one opening of
   * twice that length. Errors: `count`; RangeError for operands of different lengths.
   */
  async and(gates: readonly Gate[]): Promise<Wire[]> {
    if (gates.some(({ left, right }) => left.bits.length !== right.bits.length))
      throw new RangeError("the operands of an AND differ in length");
    this.#note(gates);
    const left = joinPlanes(...gates.map((gate) => gate.left.bits));
    const right = joinPlanes(...gates.map((gate) => gate.right.bits));
    const taken = this.#triples.take(left.length);
    const ours = maskInputs(left, right, taken);
    const theirs = await exchangeBulk(this.#ch, "gateOpening", new Uint8Array(ours.buffer));
    const products = multiply(this.role, ours, new Uint32Array(theirs.buffer), taken);
    let end = 0;
    return gates.map(({ left: { bits }, output }) => {
      const start = end;
      end += bits.length;
      return { name: output, bits: products.subarray(start, end) };
    });
  }

  /** Adds a line that says what the gates that follow are about. */
  note(line: string): void {
    this.#list.push(line);
  }

  /** The list of all gates so far: lines that each end in a line feed. */
  list(): string {
    return this.#list.map((line) => `${line}\n`).join("");
  }

  #note(gates: readonly Gate[]): void {
    this.note(`exchange ${gates.length}`);
    for (const { left, right, output } of gates)
      this.note(`and ${left.name} ${right.name} ${output} ${left.bits.length}`);
  }
}
