// Sessions and releases with a partner that lies, whose lies are the input: what it does is drawn from the input's bytes.
import { seededRng } from "@halfroom/testkit";
import { diceOf } from "../lies/dice.ts";
import type { Dice } from "../lies/lie.ts";
import { play, type Played } from "../lies/play.ts";
import { playRelease } from "../lies/release.ts";
import { Fault, type Target } from "./target.ts";

const DRAW_BYTES = 2;

/** Draws from the input, two bytes a draw, then from what follows from the input. */
function diceFrom(input: Uint8Array): Dice {
  const rest = diceOf(seededRng(`fuzz/${Buffer.from(input).toString("hex")}`));
  let at = 0;
  return (bound) => {
    if (at + DRAW_BYTES > input.length) return rest(bound);
    const drawn = input[at]! | (input[at + 1]! << 8);
    at += DRAW_BYTES;
    // Bounds above 2^16 need more than two bytes hold.
    return bound <= 1 << 16 ? drawn % bound : (drawn * 65_537 + rest(1 << 16)) % bound;
  };
}

function lies(name: string, playOne: (seed: string, roll: Dice) => Promise<Played>): Target {
  return {
    name,
    sources: /\/packages\/(?:release|session|mpc|match|aggregate|wire)\//,
    words: [],
    seeds: [new Uint8Array(0), new Uint8Array(40), new Uint8Array(40).fill(0x55)],
    batch: 1,
    async run(input) {
      const { fault, kind, liar } = await playOne(Buffer.from(input).toString("hex"), diceFrom(input));
      if (fault !== undefined) throw new Fault(`${kind}, the ${liar} lies: ${fault}`);
    },
  };
}

export const LIES: readonly Target[] = [lies("release", playRelease), lies("session", play)];
