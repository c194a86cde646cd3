// A side that alters its share of the bits which the tests make, at the last gate before they are published.
import { Gates, type Gate, type Wire } from "@halfroom/mpc";
import type { PartyInput } from "./table-parties.ts";

export class AlteredBits extends Gates {
  readonly #alter: (bits: Uint32Array) => void;
  #left = 0;

  /** `alter` gets this side's share of all bits that one AND of the tests makes. */
  constructor({ ch, role, triples }: PartyInput, alter: (bits: Uint32Array) => void) {
    super(ch, role, triples);
    this.#alter = alter;
  }

  override note(line: string): void {
    super.note(line);
    if (line.startsWith("vector ")) this.#left++;
  }

  override async and(gates: readonly Gate[]): Promise<Wire[]> {
    const outputs = await super.and(gates);
    if (this.#left === 0) return outputs;
    this.#left -= gates.length;
    if (this.#left === 1) this.#alter(outputs[0]!.bits);
    return outputs;
  }
}
