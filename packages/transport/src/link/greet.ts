// The caller's first message on a connection, and the listener's answer.
import { ProtocolError } from "@halfroom/wire";
import type { WebSocket } from "ws";
import { Unreached } from "../attempt.ts";
import { errorOfClose } from "../close-codes.ts";
import { decodeControl, encodeControl } from "./control.ts";
import type { Link } from "./link.ts";

const CLOSE_LOST = 1006;

/**
 * Attaches the link to an open connection. Errors: `malformed`, the code with which the listener closes; `Unreached` if the
 * connection is lost first, or `limit` aborts.
 */
export function greet(socket: WebSocket, id: string, link: Link, limit: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => socket.terminate();
    if (limit.aborted) late();
    limit.addEventListener("abort", late);
    const heard = () => limit.removeEventListener("abort", late);
    socket.once("close", (code) => {
      heard();
      if (code === CLOSE_LOST) return reject(new Unreached(limit.aborted ? "silent-greeting" : "cut"));
      const error = errorOfClose(code);
      // The listener says that this link is over, or no longer knows it.
      link.fail(error);
      reject(error);
    });
    socket.on("error", () => {});
    socket.once("message", (data, isBinary) => {
      heard();
      try {
        link.attach(socket, answered(data as Buffer, isBinary, id));
        resolve();
      } catch (error) {
        socket.terminate();
        reject(error as ProtocolError);
      }
    });
    socket.send(encodeControl({ type: "link", id, received: link.received }));
  });
}

/** Adds a further connection to the link. Rejects with ProtocolError if the listener takes none; the link goes on without it. */
export function greetStrand(socket: WebSocket, id: string, link: Link, limit: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => socket.terminate();
    if (limit.aborted) late();
    limit.addEventListener("abort", late);
    const heard = () => limit.removeEventListener("abort", late);
    socket.once("close", (code) => {
      heard();
      reject(errorOfClose(code));
    });
    socket.on("error", () => {});
    socket.once("message", (data, isBinary) => {
      heard();
      if (isBinary || (data as Buffer).toString("latin1") !== encodeControl({ type: "strand", id })) {
        socket.terminate();
        return;
      }
      link.addStrand(socket);
      resolve();
    });
    socket.send(encodeControl({ type: "strand", id }));
  });
}

function answered(data: Buffer, isBinary: boolean, id: string): number {
  if (isBinary) throw new ProtocolError("malformed", "a frame before the link is open");
  const control = decodeControl(data);
  if (control.type !== "link" || control.id !== id) throw new ProtocolError("malformed", "another link");
  return control.received;
}
