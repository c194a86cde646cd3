// Whose call a connection is: of whoever opened it, or, where a machine in front passes it on, of whoever that names.
import type { Socket } from "node:net";
import { guarded } from "@halfroom/wire";
import { lookUntil } from "../first-bytes.ts";
import { readProxyHeader, type Said } from "./proxy-header.ts";

/** Whether this is the address of a machine in front, which says for whom it calls. */
export type IsInFront = (address: string) => boolean;

interface Callbacks {
  /** Whose call it is; the header is no longer in the socket. Not called for a look whether somebody answers. */
  readonly known: (address: string) => void;
  /** A machine in front asks where a stream leads; nobody is told where nothing is said. */
  readonly asked?: (stream: string) => void;
  /** A machine in front did not say it. */
  readonly unknown: () => void;
}

/** Asks for the caller of a connection that was just accepted; drops one that does not say it within `ms` milliseconds. */
export function askCaller(socket: Socket, isInFront: IsInFront, ms: number, told: Callbacks): void {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return;
  if (!isInFront(remoteAddress)) return told.known(remoteAddress);
  const dropped = guarded(
    () => {
      socket.destroy();
      told.unknown();
    },
    () => void socket.destroy(),
  );
  const timer = setTimeout(dropped, ms);
  socket.once("close", () => clearTimeout(timer));
  lookUntil<Said | undefined>(socket, findHeader, (said) => {
    clearTimeout(timer);
    if (said === undefined) return dropped();
    if (said === "check") return void socket.destroy();
    if ("stream" in said) return told.asked === undefined ? void socket.destroy() : told.asked(said.stream);
    told.known(said.address);
  });
}

function findHeader(bytes: Buffer): { found: Said | undefined; taken: number } | undefined {
  const header = readProxyHeader(bytes);
  // Only while fewer bytes are there than a header may have.
  if (header === "more") return undefined;
  if (header === undefined) return { found: undefined, taken: 0 };
  return { found: header.said, taken: header.bytes };
}
