// Permutation networks of any number of wires (protocol-spec.md, section 12.2; Beauquier and Darrot, "On arbitrary size Waksman networks and their vulnerability", 2002):
// n ceil(log2 n) - 2^ceil(log2 n) + 1 switches, each of which passes two wires on or exchanges them, reach every permutation.
//
// All switches work in place. A network of n wires joins neighbours by switches, leaves one network to those with even numbers and one to
// those with odd numbers, and joins the same neighbours again, but for the first two where n is even. So the networks of a level are the
// wires of one residue, and a column of switches joins wires that are a power of two apart: the first half of the columns at 1, 2, 4, ..
// (`divide`), the second half at half of the last distance and back to 1 (`join`).

export interface Column {
  readonly kind: "divide" | "join";
  /** A switch joins wire i, whose bit of this value is 0, and wire i + distance. */
  readonly distance: number;
}

/** The columns of a network, in order. */
export function columnsOf(wires: number): Column[] {
  const divide: Column[] = [];
  for (let distance = 1; distance < wires; distance *= 2) divide.push({ kind: "divide", distance });
  const join = divide.slice(0, -1).map(({ distance }): Column => ({ kind: "join", distance }));
  return [...divide, ...join.reverse()];
}

/** How many switches a column has. */
export function switchCount(wires: number, { kind, distance }: Column): number {
  const whole = Math.floor(wires / (2 * distance)) * distance;
  const switches = whole + Math.max(0, (wires % (2 * distance)) - distance);
  return kind === "divide" ? switches : switches - evenNetworks(wires, distance);
}

/** The lower wire of each switch of a column, in order. */
export function switchWires(wires: number, column: Column): Uint32Array {
  const { kind, distance } = column;
  const lower = new Uint32Array(switchCount(wires, column));
  for (let i = 0, to = 0; i + distance < wires; i++) {
    if ((i & distance) !== 0) continue;
    if (kind === "join" && i < distance && isEven(wires, distance, i)) continue;
    lower[to++] = i;
  }
  return lower;
}

/** Networks with an even number of wires among those whose neighbours are so far apart. */
function evenNetworks(wires: number, distance: number): number {
  const longer = wires % distance;
  return Math.floor(wires / distance) % 2 === 1 ? longer : distance - longer;
}

/** Whether the network of wire `first` < `distance` and every `distance` further has an even number of wires. */
function isEven(wires: number, distance: number, first: number): boolean {
  return Math.ceil((wires - first) / distance) % 2 === 0;
}

/**
 * Sets the switches so that wire p carries at last what wire `source[p]` carried at first. Returns for each column, in order, a 1 for each switch
 * that exchanges. `source`: a permutation.
 */
export function routePermutation(source: Uint32Array): Uint8Array[] {
  const wires = source.length;
  const columns = columnsOf(wires);
  const settings = columns.map((column) => new Uint8Array(switchCount(wires, column)));
  let inner = source;
  for (const [level, { kind, distance }] of columns.entries()) {
    if (kind === "join") break;
    const side = sidesOf(inner, distance);
    const next = new Uint32Array(wires);
    for (let out = 0; out < wires; out++)
      next[onSide(out, distance, side[out]!)] = onSide(inner[out]!, distance, side[out]!);
    setDividing(settings[level]!, switchWires(wires, columns[level]!), inner, side);
    const joining = columns.length - 1 - level;
    // The last column that divides joins too.
    if (joining > level) setJoining(settings[joining]!, switchWires(wires, columns[joining]!), side);
    inner = next;
  }
  return settings;
}

/** Which of the two inner networks each output's value passes: 0 is that of even neighbours. */
function sidesOf(source: Uint32Array, distance: number): Uint8Array {
  const wires = source.length;
  const target = new Uint32Array(wires);
  for (let out = 0; out < wires; out++) target[source[out]!] = out;
  const side = new Uint8Array(wires).fill(UNSET);
  /** Settles outputs from `out` on, whose value passes the even network, until the chain is at its end. */
  const follow = (out: number): void => {
    while (out < wires && side[out] === UNSET) {
      side[out] = 0;
      const neighbour = source[out]! ^ distance;
      if (neighbour >= wires) return;
      const other = target[neighbour]!;
      side[other] = 1;
      out = other ^ distance;
    }
  };
  // What no switch joins is settled already: the last wire of an odd network, the first of an even one.
  for (let first = 0; first < distance; first++) {
    const count = Math.ceil((wires - first) / distance);
    follow(count % 2 === 0 ? first : first + (count - 1) * distance);
  }
  for (let out = 0; out < wires; out++) follow(out);
  return side;
}
const UNSET = 2;

/** The wire of an inner network that a switch joins to this wire. */
function onSide(wire: number, distance: number, side: number): number {
  return side === 0 ? wire & ~distance : wire | distance;
}

/** A switch that divides exchanges where what comes from its lower wire passes the odd network. */
function setDividing(settings: Uint8Array, lower: Uint32Array, source: Uint32Array, side: Uint8Array): void {
  const sideOfInput = new Uint8Array(source.length);
  for (let out = 0; out < source.length; out++) sideOfInput[source[out]!] = side[out]!;
  setJoining(settings, lower, sideOfInput);
}

/** One that joins, where what goes to its lower wire does. */
function setJoining(settings: Uint8Array, lower: Uint32Array, side: Uint8Array): void {
  for (let i = 0; i < lower.length; i++) settings[i] = side[lower[i]!]!;
}
