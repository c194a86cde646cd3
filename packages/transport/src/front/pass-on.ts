// TCP passed on as it is, by gateways and by leaders that stand between a partner and a worker.
import { connect, type Socket } from "node:net";
import { guarded, ignored } from "@halfroom/wire";
import { splitAddress } from "../address.ts";

/** How long the other machine may take to accept a connection. */
const CONNECT_MS = 5000;

/** Bytes that went from the first connection to the second, and back. */
export interface Passed {
  readonly there: number;
  readonly back: number;
}

/** Joins two connections until either side has ended them, and then tells what went each way. */
export function passOn(from: Socket, to: Socket, onEnd: (passed: Passed) => void = ignored): void {
  if (from.destroyed) return void to.destroy();
  from.pipe(to).pipe(from);
  // What is under way to the other side still gets there.
  from.once(
    "close",
    guarded(() => {
      to.destroySoon();
      onEnd({ there: from.bytesRead, back: from.bytesWritten });
    }, ignored),
  );
  to.once(
    "close",
    guarded(() => from.destroySoon(), ignored),
  );
}

/** A connection to HOST:PORT that ends if it is not accepted in time; nothing that goes wrong with it is thrown. */
export function openTo(address: string): Socket {
  const socket = connect({ ...splitAddress(address), allowHalfOpen: true, noDelay: true });
  const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
  const over = () => clearTimeout(timer);
  socket.on("error", () => {});
  socket.once("connect", over);
  socket.once("close", over);
  return socket;
}
