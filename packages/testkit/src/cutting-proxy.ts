// A proxy between two sites that cuts connections; it copies bytes without understanding them.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { splitAddress } from "@halfroom/transport";

export interface CuttingProxy {
  readonly address: string;
  /** How many connections were cut so far. */
  readonly cuts: () => number;
  /** Bytes that went through each connection so far. */
  readonly bytes: () => readonly number[];
  /** Cuts all open connections. */
  cut(): void;
  /** Cuts everything and takes no further connection. */
  close(): void;
}

/** The n-th connection is cut, without notice to either end, once `bytesOf(n)` bytes went through it. */
export async function cuttingProxy(target: string, bytesOf: (n: number) => number): Promise<CuttingProxy> {
  const open = new Set<() => void>();
  const passed: number[] = [];
  let cuts = 0;
  const server = createServer((incoming) => {
    const outgoing = connect(splitAddress(target));
    const number = passed.push(0) - 1;
    let left = bytesOf(number);
    const end = () => {
      // What has passed still arrives, as far as the system delivers it.
      incoming.destroySoon();
      outgoing.destroySoon();
      open.delete(end);
    };
    open.add(end);
    const copy = (from: Socket, to: Socket) => {
      from.on("error", end);
      from.on("close", end);
      from.on("data", (chunk: Buffer) => {
        // Part of a record may pass: the cut can be anywhere.
        const passing = chunk.subarray(0, left);
        left -= passing.length;
        passed[number]! += passing.length;
        if (!to.write(passing)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
        if (left > 0) return;
        cuts++;
        end();
      });
    };
    copy(incoming, outgoing);
    copy(outgoing, incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cutAll = () => {
    cuts += open.size;
    for (const end of open) end();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    bytes: () => passed,
    cut: cutAll,
    close: () => {
      server.close();
      cutAll();
    },
  };
}
