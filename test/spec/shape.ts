// The messages of a session according to protocol-spec.md: types and lengths from public sizes alone. Written from the
// specification, section by section, without the code under test.

/** What both sides know before the first message of "pseudonymise", and what the release makes public. */
export interface PublicSizes {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** Numbers per person besides the membership: in an exact report, two for each measure. */
  readonly measures: number;
  /** Padded to a power of two. */
  readonly cells: number;
  readonly k: 4 | 8;
  /** Whether the terms say `silent`. */
  readonly silent: boolean;
  /** Of the terms. */
  readonly shardPeople: number;
  readonly termsBytes: number;
  readonly statementBytes: Readonly<Record<Side, number>>;
  readonly threshold: number;
  /** Clip bounds of every measure. */
  readonly bounds: { readonly low: number; readonly high: number };
  /** Cells of which people and all sums open. */
  readonly openedRows: number;
  /** Bytes of the encoded list of released labels; undefined for a report without grouping columns. */
  readonly labelsBytes: number | undefined;
}

/** One message: its type and the bytes of its byte and text fields, added up. */
export type Shape = readonly [type: string, bytes: number];

export interface SessionShape {
  readonly sender: Shape[];
  readonly receiver: Shape[];
}

type Side = keyof SessionShape;

const CHUNK = 131_072;

/** All messages outside lanes, per side in the order in which that side sends them; the sender proposes. */
export function sessionShape(sizes: PublicSizes): SessionShape {
  const shape = new ShapeWriter(sizes.k);
  writeAgree(shape, sizes);
  writeFirst(shape);
  writePseudonymise(shape, sizes);
  writeAnswers(shape, sizes);
  if (shardCount(sizes) === 1) writeShard(shape, sizes);
  else shape.both("laneTranscripts", 32);
  writeRelease(shape, sizes);
  shape.one("receiver", "receipt", 32 + 32 + 64);
  shape.one("sender", "receipt", 32 + 64);
  return { sender: shape.sender, receiver: shape.receiver };
}

/** All messages of one lane. */
export function laneShape(sizes: PublicSizes): SessionShape {
  const shape = new ShapeWriter(sizes.k);
  const { senderPeople, receiverPeople } = sizes;
  const room = (people: number) => roomOfShard(people, shardCount(sizes));
  writeShard(shape, {
    ...sizes,
    senderPeople: room(senderPeople),
    receiverPeople: room(receiverPeople),
    shards: shardCount(sizes),
  });
  return { sender: shape.sender, receiver: shape.receiver };
}

/** Section "Shards": how many there are. */
export function shardCount({ senderPeople, receiverPeople, shardPeople }: PublicSizes): number {
  return Math.max(1, Math.ceil(receiverPeople / shardPeople), Math.ceil(senderPeople / (4 * shardPeople)));
}

/** Section "Shards": how many items one has room for. */
function roomOfShard(people: number, shards: number): number {
  const l = (40 + Math.ceil(Math.log2(shards))) * 0.6932;
  const v = (people * (shards - 1)) / (shards * shards);
  const excess = l / 3 + Math.sqrt((l / 3) * (l / 3) + 2 * v * l);
  return Math.min(people, Math.ceil(people / shards + excess));
}

/** Sections "Match" and "Aggregate"; the numbers of people are the shard's. */
function writeShard(shape: ShapeWriter, sizes: PublicSizes & { readonly shards?: number }): void {
  writeMatch(shape, sizes, sizes.shards ?? 1);
  if (sizes.cells > 1) shape.bulk("sender", "leafCorrections", binsOf(sizes) * (1 + sizes.measures) * 8);
}

/** Section "Bins". */
function binsOf({ receiverPeople }: PublicSizes): number {
  return Math.ceil((133 * Math.max(receiverPeople, 1024)) / 100);
}

class ShapeWriter implements SessionShape {
  readonly sender: Shape[] = [];
  readonly receiver: Shape[] = [];
  readonly #trees: number;

  constructor(k: number) {
    this.#trees = 128 / k;
  }

  one(side: Side, type: string, bytes: number): void {
    this[side].push([type, bytes]);
  }

  both(type: string, bytes: number): void {
    this.one("sender", type, bytes);
    this.one("receiver", type, bytes);
  }

  /** Section "Bulk data": pieces of 128 KiB and a remainder. */
  bulk(side: Side, type: string, bytes: number): void {
    for (const size of pieces(bytes, CHUNK)) this.one(side, type, size);
  }

  bulkBoth(type: string, bytes: number): void {
    this.bulk("sender", type, bytes);
    this.bulk("receiver", type, bytes);
  }

  /** Section "Random transfers": what the side that chooses sends for `count` transfers. */
  transfers(chooser: Side, count: number): void {
    for (const size of pieces(count, 131_072)) {
      const w = 4 * Math.ceil(size / 128) + 4;
      this.bulk(chooser, "otCorrections", (this.#trees - 1) * w * 4 + 48);
    }
  }

  /** Section "Triples": the sender's direction first. */
  triples(tripleWords: number): void {
    this.transfers("receiver", tripleWords * 32);
    this.transfers("sender", tripleWords * 32);
  }
}

function writeAgree(shape: ShapeWriter, { termsBytes, statementBytes }: PublicSizes): void {
  shape.one("sender", "propose", 16 + termsBytes);
  shape.one("receiver", "answer", "accept".length + termsBytes + "[]".length);
  shape.one("sender", "statement", statementBytes.sender + 32);
  shape.one("receiver", "statement", statementBytes.receiver + 32);
  shape.both("signature", 64);
}

function writePseudonymise(shape: ShapeWriter, { receiverPeople }: PublicSizes): void {
  for (const rows of pieces(evaluations(receiverPeople), 8192)) {
    shape.one("receiver", "blinded", rows * 32);
    shape.one("sender", "evaluated", rows * 32 + 64);
  }
}

/** Section "Pseudonymise", if nobody is enrolled yet. */
export function evaluations(people: number): number {
  const step = Math.max(1024, Math.ceil(people / 100));
  return step * Math.max(1, Math.ceil(people / step));
}

/** Section "Set-up", what leaves before pseudonymising. */
function writeFirst(shape: ShapeWriter): void {
  shape.both("baseOtKey", 32);
  shape.bulk("receiver", "baseOtChoices", 128 * 64);
  shape.one("receiver", "seedCommitment", 32);
}

/** Section "Set-up", what leaves after it. */
function writeAnswers(shape: ShapeWriter, sizes: PublicSizes): void {
  const { k } = sizes;
  shape.bulk("sender", "baseOtChoices", 128 * 64);
  for (const side of ["sender", "receiver"] as const)
    shape.bulk(side, "treeCorrections", (128 / k) * (k - 1) * 32 + (128 / k + 1) * 32);
  shape.one("sender", "seedShare", 32);
  shape.one("receiver", "seedOpening", 64);
  shape.triples(releaseOf(sizes).tripleWords);
}

function writeMatch(shape: ShapeWriter, sizes: PublicSizes, shards: number): void {
  const { senderPeople, measures } = sizes;
  const bins = binsOf(sizes);
  const width = 40 + Math.ceil(Math.log2(shards * bins));
  const tripleWords = (width - 1) * words(bins);
  const ofProducts = 32 * words(bins);
  const ofLeaves = leafPieces(sizes, true).reduce((sum, { transfers }) => sum + 32 * words(transfers), 0);
  const ofDirection = {
    sender: VECTOR.transfers + 32 * tripleWords + (measures > 0 ? ofProducts : 0) + ofLeaves,
    receiver: 32 * tripleWords + ofProducts,
  };
  const isSilent = sizes.silent && Math.min(ofDirection.sender, ofDirection.receiver) >= 65_536;
  if (isSilent) {
    shape.one("sender", "shardBegins", 0);
    writeExpansions(shape, ofDirection);
    shape.bulk("receiver", "binMasks", 16 * bins);
  } else {
    shape.transfers("sender", 512);
    writeMatrix(shape, bins);
  }
  const transfers = (chooser: Side, count: number) => {
    if (!isSilent) shape.transfers(chooser, count);
  };
  const leaves = leafPieces(sizes, isSilent);
  const before = (i: number) =>
    leaves.slice(0, i).reduce((sum, { answer, transfers: z }) => sum + (answer > 0 ? 16 * z : 0), 0);
  const ahead = leaves.filter((_, i) => before(i) <= 8 * 2 ** 20);
  askForLeaves(shape, ahead, transfers);
  transfers("receiver", 32 * tripleWords);
  transfers("sender", 32 * tripleWords);
  transfers("sender", bins);
  if (measures > 0) transfers("receiver", bins);
  const numbers = Math.ceil(width / 64) + measures;
  shape.bulk("sender", "store", storeSlots(3 * Math.max(senderPeople, 1024), shards) * numbers * 8);
  askForLeaves(shape, leaves.slice(ahead.length), transfers);
  for (const { answer } of leaves) shape.bulk("sender", "treeCorrections", answer);

  for (let planes = width; planes > 1; planes = Math.ceil(planes / 2)) {
    shape.bulkBoth("gateOpening", 2 * Math.floor(planes / 2) * words(bins) * 4);
  }

  shape.bulk("sender", "productFlips", words(bins) * 4);
  if (measures > 0) shape.bulk("receiver", "productFlips", words(bins) * 4);
  writeCorrections(shape, "receiver", bins, 1 + measures);
  if (measures > 0) writeCorrections(shape, "sender", bins, measures);
}

/** Section "Keys of the bins". */
function writeMatrix(shape: ShapeWriter, bins: number): void {
  for (const size of pieces(bins, 8064)) {
    shape.bulk("receiver", "binMatrix", 64 * 128 * (Math.ceil(size / 128) + 1));
    shape.one("receiver", "binCheck", 108 * 16 + 32);
  }
}

/** Section "Products": what the side with the numbers sends. */
function writeCorrections(shape: ShapeWriter, numbers: Side, bins: number, columns: number): void {
  for (const size of pieces(bins, 65_536)) shape.bulk(numbers, "productCorrections", size * columns * 8);
}

/** A piece of the one grouping: what is drawn for it, and the bytes that answer it. */
interface LeafPiece {
  readonly transfers: number;
  readonly answer: number;
}

/** Section "Aggregate". */
function leafPieces(sizes: PublicSizes, isSilent: boolean): LeafPiece[] {
  const { cells, measures } = sizes;
  const columns = 1 + measures;
  if (cells === 1) return [];
  if (isSilent && cells >= 4 && cells - 1 <= 64)
    return binPieces(sizes).map((z) => ({ transfers: z * (cells - 1), answer: 0 }));
  if (isSilent && cells >= 1024 * columns)
    return gatesOfSteps(binsOf(sizes), cells).flatMap(({ gates, places }) =>
      pieces(gates, 32_768).map((z) => ({ transfers: z * (places - 1), answer: 8 * columns * z })),
    );
  const levels = Math.log2(cells);
  return binPieces(sizes).map((z) => ({ transfers: z * levels, answer: 32 * z * (levels - 1) }));
}

/** Section "Aggregate": bins of each piece. */
function binPieces(sizes: PublicSizes): number[] {
  const piece = Math.max(32, 32 * Math.floor(131_072 / sizes.cells / 32));
  return pieces(binsOf(sizes), piece);
}

/** Section "Aggregate": the steps of a network, gate by gate. */
function gatesOfSteps(bins: number, cells: number): { readonly gates: number; readonly places: number }[] {
  const wires = Array.from({ length: Math.max(bins, cells) }, (_, i) => i);
  const distances = powersBelow(bins);
  const joined = (s: number) => wires.filter((i) => i + s < bins && Math.floor(i / s) % 2 === 0);
  const divide = distances.map((s) => ({ gates: joined(s).length, places: 2 }));
  const join = distances.slice(0, -1).map((s) => {
    const ofNetwork = (i: number) => wires.filter((j) => j < bins && j % s === i % s).length;
    return { gates: joined(s).filter((i) => i >= s || ofNetwork(i) % 2 === 1).length, places: 2 };
  });
  const closing = digits(Math.min(bins, cells)).map(({ places }) => ({ gates: bins, places }));
  const spreading = digits(cells).map(({ distance, places }) => {
    const gates = wires.filter((i) => i < cells && i % (distance * places) < bins).length;
    return { gates, places };
  });
  return [...divide, ...join.reverse(), ...closing, ...spreading.reverse()];
}

function powersBelow(end: number): number[] {
  return Array.from({ length: 32 }, (_, i) => 2 ** i).filter((power) => power < end);
}

/** Digits of two bits, the last of one where one is left, of numbers below `end`. */
function digits(end: number): { readonly distance: number; readonly places: number }[] {
  const bits = powersBelow(end).length;
  return Array.from({ length: Math.ceil(bits / 2) }, (_, i) => ({
    distance: 4 ** i,
    places: 2 * i + 1 === bits ? 2 : 4,
  }));
}

function askForLeaves(
  shape: ShapeWriter,
  ofPieces: readonly LeafPiece[],
  draw: (chooser: Side, count: number) => void,
): void {
  for (const { transfers } of ofPieces) {
    draw("receiver", transfers);
    shape.bulk("receiver", "treeFlips", words(transfers) * 4);
  }
}

/** Section "A vector". */
const VECTOR = { transfers: 960 * 8 + 128 * 961, corrections: 16 * 960 * 7 + 16 * 960 };

/** Section "Silent transfers": transfers of each direction of a shard, all draws together. Behind the sender's expansions is its vector. */
function writeExpansions(shape: ShapeWriter, ofDirection: Readonly<Record<Side, number>>): void {
  for (const grower of ["sender", "receiver"] as const) {
    const [a, t, h] = expansionsOf(ofDirection[grower]);
    const chooser = grower === "sender" ? "receiver" : "sender";
    for (let i = 0; i < a; i++) shape.transfers(chooser, t * h + 128);
  }
  for (const grower of ["sender", "receiver"] as const) {
    const [a, t, h] = expansionsOf(ofDirection[grower]);
    for (let i = 0; i < a; i++) shape.bulk(grower, "treeCorrections", 16 * t * (h - 1));
    if (grower === "sender") shape.bulk("sender", "treeCorrections", VECTOR.corrections);
  }
  const checked = {
    sender: expansionsOf(ofDirection.sender)[0] + 1,
    receiver: expansionsOf(ofDirection.receiver)[0],
  };
  shape.bulk("sender", "silentMask", 16 * checked.receiver);
  shape.bulk("receiver", "silentMask", 16 * checked.sender);
  shape.bulk("sender", "silentProof", 32 * checked.sender);
  shape.bulk("receiver", "silentProof", 32 * checked.receiver);
}

/** Expansions, trees of each, and their depth. */
function expansionsOf(transfers: number): readonly [a: number, t: number, h: number] {
  const a = Math.ceil(transfers / 2 ** 18);
  const n = 64 * Math.ceil(transfers / a / 32);
  const depths = Array.from({ length: 30 }, (_, h) => h).filter((h) => Math.ceil(n / 2 ** h) >= 448);
  const h = Math.max(...depths);
  return [a, Math.ceil(n / 2 ** h), h];
}

/** What the gates of a release are, for an exact report without totals: one partition, one category of the sender. */
function releaseOf(sizes: PublicSizes) {
  const { cells, bounds } = sizes;
  const measures = sizes.measures / 2;
  const sums = cells * measures;
  const bases = cells + 1 + 2;
  const bits = cells + sums;
  const people = Math.min(sizes.senderPeople, sizes.receiverPeople);
  const most = Math.max(sizes.senderPeople, sizes.receiverPeople);
  const low = Math.min(bounds.low, 0) * people;
  const high = Math.max(bounds.high, 0) * people;
  // People, unmatched, contributors; people at most; of each sum at least and at most.
  const runs: (readonly [tests: number, width: number])[] = [
    [cells, width(-sizes.threshold, people)],
    [bases, width(-people - sizes.threshold, most)],
    ...(sums > 0 ? [[sums, width(-sizes.threshold, people)] as const] : []),
    [cells, width(0, people)],
    ...Array.from({ length: 2 * measures }, () => [cells, width(0, high - low)] as const),
  ];
  const levels = carryLevels(runs.map(([tests, bitsEach]) => [words(tests), bitsEach - 1]));
  // A sum's bit: people twice, the unmatched of four bases, contributors, the sum twice. Then whether the row is filled.
  const factors = (measures > 0 ? 9 : 6) + 1;
  const gates = levels.reduce((sum, level) => sum + level, 0);
  const opened = width(0, people) + measures * width(low, high);
  return { levels, factors, bits, opened, tripleWords: gates + (factors - 1) * words(bits) };
}

/** Section "Release". */
function writeRelease(shape: ShapeWriter, sizes: PublicSizes): void {
  const { openedRows, labelsBytes } = sizes;
  const { levels, factors, bits, opened } = releaseOf(sizes);
  for (const level of levels) shape.bulkBoth("gateOpening", 2 * level * 4);
  for (let left = factors; left > 1; left = Math.ceil(left / 2))
    shape.bulkBoth("gateOpening", 2 * Math.floor(left / 2) * words(bits) * 4);
  shape.both("transcript", 128);
  shape.both("passCommitment", 32);
  shape.both("passOpening", 32 + Math.ceil(bits / 8));
  shape.both("transcript", 128);
  shape.both("cellCommitment", 32);
  shape.both("cellOpeningNonce", 32);
  shape.bulkBoth("cellOpening", Math.ceil((openedRows * opened) / 8));
  if (labelsBytes !== undefined) {
    shape.one("receiver", "labelsSize", 0);
    shape.bulk("receiver", "labels", labelsBytes);
  }
  shape.both("done", 32);
}

/** Section "AND gates and circuits", signs: the words of all gates of each level, for lists of [words, pairs]. */
function carryLevels(lists: readonly (readonly [words: number, pairs: number])[]): number[] {
  const total = (gates: (pairs: number) => number) => (pairs: readonly number[]) =>
    lists.reduce((sum, [each], i) => sum + each * gates(pairs[i]!), 0);
  let pairs = lists.map(([, count]) => count);
  const levels = [total((count) => count)(pairs)];
  while (Math.max(...pairs) > 1) {
    levels.push(total((count) => Math.max(0, 2 * Math.floor(count / 2) - 1))(pairs));
    pairs = pairs.map((count) => Math.ceil(count / 2));
  }
  return levels;
}

/** Section "Test": the least width, 2 at least, of signed numbers from low to high. */
function width(low: number, high: number): number {
  let bits = 2;
  while (high >= 2 ** (bits - 1) || low < -(2 ** (bits - 1))) bits++;
  return bits;
}

/** The table of section "Store size". */
const BITS_PER_EXPANSION_AND_GAP_HUNDREDTHS: readonly (readonly [bits: number, hundredths: number])[] = [
  [433, 1200],
  [508, 1240],
  [747, 1336],
  [1098, 1434],
  [1613, 1532],
  [2370, 1631],
];

function storeSlots(entries: number, shards: number): number {
  const lambda = 40 + Math.ceil(Math.log2(shards));
  const row = Math.max(0, Math.ceil(Math.log2(entries)) - 12);
  const [bits, hundredths] = BITS_PER_EXPANSION_AND_GAP_HUNDREDTHS[row]!;
  const thousandths = 1223 + Math.ceil((1000 * lambda + 9200) / bits);
  return Math.ceil((entries * thousandths) / 1000) + Math.ceil((100 * lambda) / hundredths) + lambda;
}

/** Words of 32 bits that hold `bits` bits. */
function words(bits: number): number {
  return Math.ceil(bits / 32);
}

function pieces(total: number, size: number): number[] {
  const full = Array.from({ length: Math.floor(total / size) }, () => size);
  return total % size === 0 ? full : [...full, total % size];
}
