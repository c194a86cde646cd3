// Finds the noise of a number: both sides' draws are in the order of the table, whose rows and categories are in the
// session's secret order.
import type { VectorInput } from "./inputs.ts";
import { hasBases, type NoiseOf } from "./plain.ts";
import { placesOf, type RecordedSession } from "./vector.ts";

export function blockNoise({ results, noise }: RecordedSession, input: VectorInput): NoiseOf {
  const places = placesOf(input, results.sender);
  const categories = places.sender.length;
  const width = 1 + input.terms.measures.length;
  return (partition, cell, category) => {
    const row = places.receiver[partition]![cell]!;
    const first = (row * categories + places.sender[category]!) * width;
    const ofBlock = noise.sender
      .slice(first, first + width)
      .map((own, i) => own + noise.receiver[first + i]!);
    // Behind the table's, which are as many as the sender's, the receiver has those of its bases.
    return hasBases(input.terms) ? [...ofBlock, noise.receiver[noise.sender.length + row] ?? 0n] : ofBlock;
  };
}
