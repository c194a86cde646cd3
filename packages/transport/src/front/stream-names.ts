// Streams that are awaited, by their names (protocol-spec.md, section 6.6). A name leads to one place, and serves once: whoever comes with one that is
// not here, or not any more, is turned away before TLS begins. So no more gets past the front than was asked for.
import type { Socket } from "node:net";

/** Names that are awaited at a time, in a process. */
export const STREAM_NAMES_MAX = 1024;

/** Where a stream leads. */
export interface StreamPlace {
  /** HOST:PORT, if it is on another machine, to which a gateway can go itself. */
  readonly address?: string;
  /** Takes a connection, whose hello is still in it. */
  take(socket: Socket): void;
}

export class StreamNames {
  readonly #places = new Map<string, StreamPlace>();

  get size(): number {
    return this.#places.size;
  }

  /** Awaits a stream; `name`: 32 hexadecimal digits that nobody could guess. What is returned gives it up. False if too many are awaited. */
  add(name: string, place: StreamPlace): (() => void) | false {
    if (this.#places.size >= STREAM_NAMES_MAX) return false;
    this.#places.set(name, place);
    return () => {
      if (this.#places.get(name) === place) this.#places.delete(name);
    };
  }

  /** The place of a stream whose connection is here. */
  take(name: string): StreamPlace | undefined {
    const place = this.#places.get(name);
    this.#places.delete(name);
    return place;
  }

  /**
   * Where a gateway is to bring a connection: an address, to which it then goes with it; "here" if it ends in this process, which then takes
   * the connection as it takes others.
   */
  askedFor(name: string): string | undefined {
    const place = this.#places.get(name);
    if (place?.address !== undefined) this.#places.delete(name);
    return place && (place.address ?? "here");
  }
}
