// The caller's first message on a connection, and the listener's answer.
import { ProtocolError } from "@halfroom/wire";
import type { WebSocket } from "ws";
import { errorOfClose } from "../close-codes.ts";
import { decodeControl, encodeControl } from "./control.ts";
import type { Link } from "./link.ts";

const CLOSE_LOST = 1006;

/**
 * Attaches the link to an open connection. Errors: `malformed`, the code with which the listener closes, `timeout`;
 * `closed` if the connection is lost first, in which case another one may succeed.
 */
export function greet(socket: WebSocket, id: string, link: Link, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ProtocolError("timeout"));
      socket.terminate();
    }, timeoutMs);
    socket.once("close", (code) => {
      clearTimeout(timer);
      const error = errorOfClose(code);
      // The listener says that this link is over, or no longer knows it.
      if (code !== CLOSE_LOST) link.fail(error);
      reject(error);
    });
    socket.on("error", () => {});
    socket.once("message", (data, isBinary) => {
      clearTimeout(timer);
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

function answered(data: Buffer, isBinary: boolean, id: string): number {
  if (isBinary) throw new ProtocolError("malformed", "a frame before the link is open");
  const control = decodeControl(data);
  if (control.type !== "link" || control.id !== id) throw new ProtocolError("malformed", "another link");
  return control.received;
}
