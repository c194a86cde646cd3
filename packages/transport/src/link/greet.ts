// The caller's first message on a connection, and the listener's answer.
import { guarded, ProtocolError } from "@halfroom/wire";
import type { RawData, WebSocket } from "ws";
import { Unreached } from "../attempt.ts";
import { errorOfClose } from "../close-codes.ts";
import { decodeControl, encodeControl, type Control } from "./control.ts";
import type { Link } from "./link.ts";

const CLOSE_LOST = 1006;

/**
 * Attaches the link to an open connection. Errors: `malformed`, the code with which the listener closes; `Unreached` if the
 * connection is lost first, or `limit` aborts.
 */
export async function greet(socket: WebSocket, id: string, link: Link, limit: AbortSignal): Promise<void> {
  await exchangeHellos(socket, { type: "link", id, received: link.received }, limit, {
    answer: (data, isBinary) => link.attach(socket, answered(data, isBinary, id)),
    closed: (code) => {
      if (code === CLOSE_LOST) return new Unreached(limit.aborted ? "silent-greeting" : "cut");
      const error = errorOfClose(code);
      // The listener says that this link is over, or no longer knows it.
      link.fail(error);
      return error;
    },
  });
}

/** Adds a further connection to the link. Rejects with ProtocolError if the listener takes none; the link goes on without it. */
export async function greetStrand(
  socket: WebSocket,
  id: string,
  link: Link,
  limit: AbortSignal,
): Promise<void> {
  const hello = { type: "strand", id } as const;
  await exchangeHellos(socket, hello, limit, {
    answer: (data, isBinary) => {
      if (isBinary || data.toString("latin1") !== encodeControl(hello))
        throw new ProtocolError("malformed", "another answer than the listener's `strand`");
      link.addStrand(socket);
    },
    closed: errorOfClose,
  });
}

/** Frames may follow the listener's answer at once, so it is taken as it arrives; an answer that throws ends the connection. */
function exchangeHellos(
  socket: WebSocket,
  hello: Control,
  limit: AbortSignal,
  { answer, closed }: { answer: (data: Buffer, isBinary: boolean) => void; closed: (code: number) => Error },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = () => socket.terminate();
    if (limit.aborted) late();
    limit.addEventListener("abort", late);
    const heard = () => limit.removeEventListener("abort", late);
    const left = (code: number) => {
      heard();
      reject(closed(code));
    };
    const answered = (data: RawData, isBinary: boolean) => {
      heard();
      answer(data as Buffer, isBinary);
      resolve();
    };
    const failed = (error: ProtocolError) => {
      socket.terminate();
      reject(error);
    };
    socket.once("close", guarded(left, failed));
    socket.on("error", () => {});
    socket.once("message", guarded(answered, failed));
    socket.send(encodeControl(hello));
  });
}

function answered(data: Buffer, isBinary: boolean, id: string): number {
  if (isBinary) throw new ProtocolError("malformed", "a frame before the link is open");
  const control = decodeControl(data);
  if (control.type !== "link" || control.id !== id) throw new ProtocolError("malformed", "another link");
  return control.received;
}
