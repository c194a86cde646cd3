// The first look at a connection that may be a stream of a shard's own, on a port that is not the node's public one: a worker's, and a leader's for
// its workers.
import type { Socket } from "node:net";
import { helloOf, lookUntil, type Hello, type StreamNames } from "@halfroom/transport";
import { guarded } from "@halfroom/wire";

/** How long a connection may take to say what it is. */
const HELLO_MS = 10_000;

export interface Front {
  /** Streams that are let in; all others are dropped. */
  readonly names: StreamNames;
  /** Takes a connection that begins as something else; where nothing is said it is dropped. */
  readonly others?: () => void;
}

export function admitStream(socket: Socket, { names, others }: Front): void {
  socket.on("error", () => {});
  const timer = setTimeout(() => socket.destroy(), HELLO_MS);
  socket.once("close", () => clearTimeout(timer));
  const look = (bytes: Buffer) => {
    const found = helloOf(bytes);
    return found === undefined ? undefined : { found, taken: 0 };
  };
  const see = (hello: Hello) => {
    clearTimeout(timer);
    const place = typeof hello === "object" ? names.take(hello.stream) : undefined;
    if (place !== undefined) place.take(socket);
    else if (typeof hello === "object" || others === undefined) socket.destroy();
    else others();
  };
  lookUntil<Hello>(
    socket,
    look,
    guarded(see, () => void socket.destroy()),
  );
}
