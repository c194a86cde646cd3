// Random bit triples for GMW from one random transfer in each direction (no correction is sent): with m_0 xor m_1 as a
// and the choice as b, the chosen string and m_0 are xor shares of a_P b_Q for each pair of parties P, Q.
import type { OtChannel, OtEnds, OtReceiverChannel, ReceiverBits, SenderBits } from "../ot/source.ts";
import type { Triples } from "./triples.ts";

/** xor shares of `words` words of random triples a and b = c. Both directions stream at the same time. */
export async function randomTriples(ch: OtChannel, ends: OtEnds, words: number): Promise<Triples> {
  const [received, sent] = await Promise.all([
    ends.receiving.bits(ch, words * 32),
    ends.sending.bits(ch, words * 32),
  ]);
  return combine(sent, received);
}

/** The same in two steps: this side's half leaves now; what this returns makes triples of it and the partner's half. */
export async function beginTriples(
  ch: OtReceiverChannel,
  receiving: OtEnds["receiving"],
  words: number,
): Promise<(sent: SenderBits) => Triples> {
  const received = await receiving.bits(ch, words * 32);
  return (sent) => combine(sent, received);
}

function combine(sent: SenderBits, received: ReceiverBits): Triples {
  const a = new Uint32Array(sent.zero.length);
  const c = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) {
    a[i] = sent.zero[i]! ^ sent.one[i]!;
    c[i] = (a[i]! & received.choices[i]!) ^ sent.zero[i]! ^ received.chosen[i]!;
  }
  return { a, b: received.choices, c };
}
