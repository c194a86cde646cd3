// Random bit triples for GMW from one random transfer in each direction (no correction is sent): with m_0 xor m_1 as a
// and the choice as b, the chosen string and m_0 are xor shares of a_P b_Q for each pair of parties P, Q.
import type { OtChannel, OtEnds, ReceiverBits, SenderBits } from "../ot/source.ts";
import type { Role } from "../parties.ts";
import type { Triples } from "./triples.ts";

/** xor shares of `words` words of random triples a and b = c. */
export async function randomTriples(
  ch: OtChannel,
  role: Role,
  ends: OtEnds,
  words: number,
): Promise<Triples> {
  const count = words * 32;
  const asSender = () => ends.sending.bits(ch, count);
  const asReceiver = () => ends.receiving.bits(ch, count);
  // One direction after the other, the sender's first: while one side streams, the other only receives.
  if (role === "sender") {
    const sent = await asSender();
    return combine(sent, await asReceiver());
  }
  const received = await asReceiver();
  return combine(await asSender(), received);
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
