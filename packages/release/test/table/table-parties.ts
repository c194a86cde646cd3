// Both parties of a table's release in memory, on tables shared at random, with triples from a trusted dealer.
import { randomWords } from "@halfroom/crypto";
import { Gates, otherRole, TriplePool, type Role, type Triples, type TripleSource } from "@halfroom/mpc";
import {
  releaseTable,
  tableTripleWords,
  type ReleaseMessage,
  type ReleaseOutcome,
  type ReleaseRules,
  type ReleaseTableInput,
  type TableShape,
} from "@halfroom/release";
import { runParties, seededRng, unsigned, type BothParties } from "@halfroom/testkit";
import type { Channel } from "@halfroom/wire";
import { dealtEnds } from "../dealt-transfers.ts";
import { dealTriples, SESSION } from "../release-parties.ts";

/** What one side of a run brings; a variant that changes the channel, the gates or the triples uses `withGates` again. */
export interface PartyInput extends Omit<ReleaseTableInput, "ch"> {
  readonly ch: Channel<ReleaseMessage | "gateOpening", ReleaseMessage | "gateOpening">;
  readonly triples: TripleSource;
}

/** `input` with gates over its channel. */
export function withGates(input: Omit<PartyInput, "gates">): PartyInput {
  return { ...input, gates: new Gates(input.ch, input.role, input.triples) };
}

export interface TableSetup {
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  /** All numbers in the clear, without noise. */
  readonly numbers: readonly bigint[];
  readonly bases: Readonly<Record<Role, Uint32Array>>;
  readonly noise?: Readonly<Record<Role, BigInt64Array>>;
  readonly seed: string;
  /** Whose share is what the other's random one leaves; the receiver's unless told. */
  readonly hidden?: Role;
  /** Triples in place of the dealer's. */
  readonly triples?: Readonly<Record<Role, Triples>>;
  /** Puts another release, or another channel, in place of one side's. */
  readonly variant?: (input: PartyInput) => Promise<ReleaseOutcome>;
}

/** The triples that a run of `setup` takes unless it has its own. */
export function dealtTriples({ shape, rules, seed }: TableSetup): Record<Role, Triples> {
  return dealTriples(tableTripleWords(shape, rules), seededRng(`triples ${seed}`));
}

export async function runTable(setup: TableSetup): Promise<BothParties<ReleaseOutcome> & { left: number }> {
  const { shape, rules, numbers, bases, noise, seed, hidden = "receiver", variant = releaseTable } = setup;
  const rng = seededRng(`table ${seed}`);
  const mask = new BigInt64Array(randomWords(rng, numbers.length * 2).buffer);
  const rest = mask.map((share, i) => numbers[i]! - share);
  const shares: Record<string, Uint32Array> = {
    [hidden]: new Uint32Array(rest.buffer),
    [otherRole(hidden)]: new Uint32Array(mask.buffer),
  };
  const triples = setup.triples ?? dealtTriples(setup);
  const pools = { sender: new TriplePool(triples.sender), receiver: new TriplePool(triples.receiver) };
  const run = await runParties((ch, role) =>
    variant(
      withGates({
        ch,
        role,
        session: SESSION,
        shape,
        rules,
        own: { shares: shares[role]!, noise: noise?.[role], bases: bases[role] },
        triples: pools[role],
        products: () => dealtEnds(role, seed),
        rng: seededRng(`nonces ${seed} ${role}`),
        transcript: unsigned(ch),
      }),
    ),
  );
  return { ...run, left: pools.sender.left };
}
