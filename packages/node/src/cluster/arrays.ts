// The input or the result of a block as bytes. What is read was sealed by this company's own leader or worker, and is held to its
// form all the same: a worker may be of another version, or taken over.
//
//     number of arrays, 1 byte, 255 for a job that met an invalid point | each: length of its name, 1 | name, ASCII |
//         bytes of an element, 1 or 4 | length in bytes, 4, little-endian | the array
import type { Arrays } from "@halfroom/crypto";

const REFUSED = 255;
const ARRAYS_MAX = 16;
const HEAD_BYTES = 1;
const LENGTH_BYTES = 4;
/** Of an array, without its name. */
const ARRAY_HEAD_BYTES = 1 + 1 + LENGTH_BYTES;

/** `undefined` is the result of a job that met an invalid point. */
export function packArrays(arrays: Arrays | undefined): Uint8Array {
  if (arrays === undefined) return Uint8Array.of(REFUSED);
  const entries = Object.entries(arrays);
  const packed = new Uint8Array(packedBytes(entries.map(([name, { byteLength }]) => [name, byteLength])));
  const view = new DataView(packed.buffer);
  packed[0] = entries.length;
  let at = HEAD_BYTES;
  for (const [name, array] of entries) {
    packed[at++] = name.length;
    packed.set(Buffer.from(name, "ascii"), at);
    at += name.length;
    packed[at++] = array.BYTES_PER_ELEMENT;
    view.setUint32(at, array.byteLength, true);
    at += LENGTH_BYTES;
    packed.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  return packed;
}

/** How long the arrays of these names and lengths in bytes are once packed. */
export function packedBytes(arrays: readonly (readonly [name: string, bytes: number])[]): number {
  return arrays.reduce((sum, [name, bytes]) => sum + ARRAY_HEAD_BYTES + name.length + bytes, HEAD_BYTES);
}

/** Each array owns its buffer. Throws RangeError for anything but what `packArrays` makes. */
export function unpackArrays(packed: Uint8Array): Arrays | undefined {
  if (packed.length === 1 && packed[0] === REFUSED) return undefined;
  const reader = new Reader(packed);
  const count = reader.byte();
  if (count > ARRAYS_MAX) throw malformed();
  const arrays: [string, Arrays[string]][] = [];
  for (let i = 0; i < count; i++) arrays.push([reader.name(), reader.array()]);
  const unpacked = Object.fromEntries(arrays);
  if (!reader.isAtEnd || Object.keys(unpacked).length !== count) throw malformed();
  return unpacked;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#take(1)[0]!;
  }

  name(): string {
    const name = Buffer.from(this.#take(this.byte())).toString("latin1");
    if (!/^[A-Za-z]{1,32}$/.test(name)) throw malformed();
    return name;
  }

  array(): Arrays[string] {
    const width = this.byte();
    const length = Buffer.from(this.#take(LENGTH_BYTES)).readUInt32LE();
    const bytes = new Uint8Array(this.#take(length));
    if (width === 1) return bytes;
    if (width !== Uint32Array.BYTES_PER_ELEMENT || length % width !== 0) throw malformed();
    return new Uint32Array(bytes.buffer);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function malformed(): RangeError {
  return new RangeError("the arrays of a block are not in their form");
}
