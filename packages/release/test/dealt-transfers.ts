// Random transfers from a trusted dealer: both ends of a supply draw the same strings from one seed, without a message.
import { bitMask, BLOCK_WORDS, bitWords, randomWords, type Rng } from "@halfroom/crypto";
import { otherRole, type OtEnds, type OtReceiver, type OtSender, type Role } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";

const draw = (rng: Rng, count: number) => ({
  zero: randomWords(rng, count * BLOCK_WORDS),
  one: randomWords(rng, count * BLOCK_WORDS),
  choices: randomWords(rng, bitWords(count)),
});

const notDealt = () => Promise.reject(new Error("only blocks are dealt"));

function sendingEnd(rng: Rng): OtSender {
  return {
    blocks: async (_, count) => draw(rng, count),
    bits: notDealt,
    correlated: notDealt,
  };
}

function receivingEnd(rng: Rng): OtReceiver {
  return {
    async blocks(_, count) {
      const { zero, one, choices } = draw(rng, count);
      const pick = (word: number, at: number) => bitMask(choices, Math.floor(at / BLOCK_WORDS)) & word;
      return { choices, chosen: zero.map((word, at) => word ^ pick(word ^ one[at]!, at)) };
    },
    bits: notDealt,
    correlated: notDealt,
  };
}

/** This role's ends of one supply in each direction. */
export function dealtEnds(role: Role, seed: string): OtEnds {
  const supply = (from: Role) => seededRng(`transfers ${seed} ${from}`);
  return { sending: sendingEnd(supply(role)), receiving: receivingEnd(supply(otherRole(role))) };
}
