// The vectors of a network (protocol-spec.md, section 12.2): both sides of a small grouping.
import { AesStream, bytesOf, FixedKeyAes, getBit } from "@halfroom/crypto";
import { networkPieces, NetworkWires, roundedUp, routeNetwork, slotFlips } from "@halfroom/mpc";
import { testSession } from "@halfroom/testkit";

const SESSION = testSession("vectors of networks");
const SHARD = 5;
const GROUPING = 1;
const CELLS = 8;
const COLUMNS = 3;
const CELL_OF = Uint32Array.of(6, 1, 6, 0, 1);

const hex = (words: Uint32Array) => Buffer.from(bytesOf(words)).toString("hex");

/** The first words of the stream of a key whose bytes are all `byte`. */
function stream(byte: number, words: number): Uint32Array {
  const out = new Uint32Array(words);
  new AesStream(new Uint8Array(16).fill(byte)).fill(out);
  return out;
}

const withoutLowest = (blocks: Uint32Array) => blocks.map((word, i) => (i % 4 === 0 ? word & ~1 : word));

export function networkExample(): object {
  const pieces = networkPieces(CELL_OF.length, CELLS);
  const drawn = pieces.reduce((sum, { transfers }) => sum + roundedUp(transfers), 0);
  const delta = withoutLowest(stream(0, 4));
  const rows = withoutLowest(stream(1, drawn * 4));
  const choices = stream(2, drawn / 32);
  const chosen = rows.map((word, i) => word ^ (-getBit(choices, i >>> 2) & delta[i & 3]!));
  const [sender, receiver] = [wires(), wires()];
  const masks = sender.mask(delta);
  const route = routeNetwork(CELL_OF, CELLS);
  let first = 0;
  const steps = pieces.map((piece) => {
    const { step, count, transfers } = piece;
    const own = Uint32Array.from(route[step]!);
    const of = (blocks: Uint32Array) => blocks.subarray(first * 4, (first + transfers) * 4);
    const flips = slotFlips(own, choices.subarray(first / 32, first / 32 + 1), transfers / count + 1);
    const corrections = sender.correct(piece, { rows: of(rows), delta }, flips);
    const sent = hex(corrections);
    receiver.follow(piece, of(chosen), own, corrections);
    first += roundedUp(transfers);
    return { places: [...own], treeFlips: hex(flips), treeCorrections: sent };
  });
  return {
    session: Buffer.from(SESSION).toString("hex"),
    shard: SHARD,
    grouping: GROUPING,
    cells: CELLS,
    columns: COLUMNS,
    cellOfBins: [...CELL_OF],
    delta: hex(delta),
    masks: hex(masks),
    steps,
    tables: { sender: hex(sender.table), receiver: hex(receiver.table) },
  };
}

function wires(): NetworkWires {
  const sizes = { bins: CELL_OF.length, cells: CELLS, columns: COLUMNS };
  const aes = (label: string) => new FixedKeyAes(label, SESSION, GROUPING, SHARD);
  return new NetworkWires(sizes, aes("aggregate/network"), aes("aggregate/stretch"));
}
