// Attribution and lift on shares (protocol-spec.md, section 12.1). The sender's people have events, a time and values each;
// the receiver's have entries, a time and a cell each. After the match both sides hold addends of the times and values of
// the matched person's events. An event is credited to the person's last entry that is not after it, if that lies within
// the window. Neither side learns a time of the other, nor what was credited.
//
// Output for each entry, as addends in each bin: people (1 if the entry has the person's first credited event, in the
// sender's order), and for each measure its sum and, if asked for, the sum's square and contributors (as people, of events
// whose value is not 0). A person counts once over all entries, which keeps thresholds honest. Squares are for one entry: with
// several, those of one cell would have to be added up before they are squared, and which ones share a cell is the receiver's.
//
// Several match keys work as they do elsewhere: the bin's people is +1 or -1 and the values are signed alike, the times
// have no sign; and the bits that count a person are multiplied by the bin's people.
import { FixedKeyAes, ringArray, type RingArray } from "@halfroom/crypto";
import {
  bothEnds,
  digitsOfBounds,
  digitsOfNumbers,
  Gates,
  joinDigits,
  joinPlanes,
  randomTriples,
  sharedProduct,
  TriplePool,
  type DigitShares,
  type OtChannel,
  type OtSource,
  type Role,
} from "@halfroom/mpc";
import { countedOnce } from "./people.ts";
import { creditedPairs } from "./squares.ts";
import {
  addCredits,
  addendPlanes,
  columnOf,
  creditedColumns,
  creditedPlanes,
  entryBounds,
  eventNumbers,
  pairNumbers,
  pieceOf,
  repeatEach,
} from "./steps.ts";
import {
  boundsOf,
  creditTripleWords,
  inputColumns,
  outputColumns,
  pieceBins,
  setsOf,
  TIME_BITS,
  type CreditContext,
} from "./terms.ts";

type Both = "gateOpening" | "productFlips" | "productCorrections";

/**
 * `addends`: the sender's shares of what was matched, bins x `inputColumns` numbers. Returns for each entry the sender's
 * shares, bins x `outputColumns` numbers. Errors: `count`.
 */
export async function creditSender(
  ch: OtChannel<Both | "lookupFlips", Both | "lookupTables">,
  addends: RingArray,
  context: CreditContext,
  transfers: OtSource,
): Promise<RingArray[]> {
  const { events, shard } = context;
  const digits = transfers.receiving("credit/digits", shard);
  const columns = inputColumns(context);
  const { comparisons } = creditTools(context);
  return await credit(ch, "sender", addends, context, transfers, async ({ rows, n }) => {
    const own = Array.from({ length: events }, (_, event) =>
      addendPlanes("sender", columnOf(rows, columns.count, columns.time(event))),
    );
    const planes = own.map(({ compared }) => compared);
    const shares = await digitsOfNumbers(ch, digits, planes, { ...comparisons, n });
    const tops = own.map(({ top }) => top);
    return { shares, tops: repeatEach(tops, boundsOf(context)) };
  });
}

/**
 * `addends`: the receiver's shares, as the sender's; `entryTimes`: bins x entries times in seconds since 1970, those of a
 * bin in ascending order, `NEVER` for an entry that is missing. Returns for each entry the receiver's shares, bins x
 * `outputColumns` numbers. Errors: `count`; RangeError for times that are out of order, or 0.
 */
export async function creditReceiver(
  ch: OtChannel<Both | "lookupTables", Both | "lookupFlips">,
  addends: RingArray,
  entryTimes: Uint32Array,
  context: CreditContext,
  transfers: OtSource,
): Promise<RingArray[]> {
  const { entries, shard } = context;
  const digits = transfers.sending("credit/digits", shard);
  const columns = inputColumns(context);
  const { comparisons } = creditTools(context);
  return await credit(ch, "receiver", addends, context, transfers, async ({ rows, n, start }) => {
    const bounds = entryBounds(entryTimes.subarray(start * entries, (start + n) * entries), context);
    const tops: Uint32Array[] = [];
    const ownBounds = (event: number) => {
      const times = columnOf(rows, columns.count, columns.time(event));
      return bounds.map((bound) => {
        const { compared, top } = addendPlanes("receiver", times, bound);
        tops.push(top);
        return compared;
      });
    };
    const shares = await digitsOfBounds(ch, digits, ownBounds, { ...comparisons, n });
    return { shares, tops: joinPlanes(...tops) };
  });
}

interface Piece {
  /** This side's addends of the piece, padded with zeros to a multiple of 32 rows. */
  readonly rows: RingArray;
  readonly start: number;
  readonly n: number;
}

interface Compared {
  readonly shares: DigitShares;
  /** This side's top bits, events x bounds planes. */
  readonly tops: Uint32Array;
}

/** What both sides do alike, piece by piece; `compare` is the one step in which they differ. */
async function credit(
  ch: OtChannel<Both>,
  role: Role,
  addends: RingArray,
  context: CreditContext,
  transfers: OtSource,
  compare: (piece: Piece) => Promise<Compared>,
): Promise<RingArray[]> {
  const { entries, shard } = context;
  if (context.squares.length > 0 && entries > 1) throw new RangeError("squares are of one entry a person");
  const gates = bothEnds(transfers, "credit/gates", shard);
  const products = bothEnds(transfers, "credit/products", shard);
  const { stretch } = creditTools(context);
  const multiply = async (bits: Uint32Array, factors: RingArray, columns: number) =>
    columns === 0 || bits.length === 0
      ? ringArray(0)
      : await sharedProduct(ch, role, products, stretch, bits, factors, columns);
  const columns = inputColumns(context).count;
  const bins = addends.length / (columns * 2);
  const outputs = Array.from({ length: entries }, () => ringArray(bins * outputColumns(context)));
  const size = pieceBins(context);
  for (let start = 0; start < bins; start += size) {
    const n = Math.min(size, bins - start);
    const rows = pieceOf(addends, start, n, columns);
    const { shares, tops } = await compare({ rows, start, n });
    const triples = new TriplePool(await randomTriples(ch, gates, creditTripleWords(context, n)));
    const list = new Gates(ch, role, triples);
    const carries = await joinDigits(list, shares, TIME_BITS);
    const credited = creditedPlanes(role, carries, tops, context);
    const once = await countedOnce(list, credited, rows, context);
    const pairs = await creditedPairs(list, credited, context);
    const ofEvents = await multiply(credited, eventNumbers(rows, context), creditedColumns(context));
    const ofPairs = await multiply(pairs, pairNumbers(rows, context), context.squares.length);
    const people = columnOf(rows, columns, 0);
    const counted = await multiply(once, repeatEach([people], setsOf(context) * entries), 1);
    addCredits(outputs, { ofEvents, ofPairs, counted }, { start, n }, context);
  }
  return outputs;
}

function creditTools(context: CreditContext) {
  const { session, shard, events } = context;
  const stretch = (role: Role) => new FixedKeyAes("credit/stretch", session, role, shard);
  return {
    comparisons: {
      numbers: events,
      bounds: boundsOf(context),
      width: TIME_BITS,
      pads: new FixedKeyAes("credit/tables", session, shard),
    },
    stretch: { sender: stretch("sender"), receiver: stretch("receiver") },
  };
}
