// What the chooser of a slot's transfers sends (protocol-spec.md, section 12), so that its choices become a vector that is 1 in its hole.

/** Bits that turn random choices into the vectors of the slots with these holes, the last place left out. */
export function slotFlips(
  holes: Uint32Array,
  choices: Uint32Array,
  places: number,
): Uint32Array<ArrayBuffer> {
  const flips = new Uint32Array(choices);
  for (let slot = 0, first = 0; slot < holes.length; slot++, first += places - 1) {
    const hole = holes[slot]!;
    const place = first + hole;
    if (hole < places - 1) flips[place >>> 5]! ^= 1 << (place & 31);
  }
  const last = holes.length * (places - 1);
  if ((last & 31) !== 0) flips[last >>> 5]! &= (1 << (last & 31)) - 1;
  return flips;
}
