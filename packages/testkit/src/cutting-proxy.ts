// What stands between two sites, and cuts connections: it copies bytes and knows nothing of them.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { splitAddress } from "@halfroom/transport";

export interface CuttingProxy {
  readonly address: string;
  /** Connections that were cut so far. */
  readonly cuts: () => number;
  /** Cuts what is open now. */
  cut(): void;
  /** Cuts everything and takes no further connection. */
  close(): void;
}

/** Each connection is cut, without a word to either end, once `bytesOf(n)` bytes went through the n-th one. */
export async function cuttingProxy(target: string, bytesOf: (n: number) => number): Promise<CuttingProxy> {
  const open = new Set<() => void>();
  let connections = 0;
  let cuts = 0;
  const server = createServer((incoming) => {
    const outgoing = connect(splitAddress(target));
    let left = bytesOf(connections++);
    const end = () => {
      // What has passed arrives, as far as the system still delivers it.
      incoming.destroySoon();
      outgoing.destroySoon();
      open.delete(end);
    };
    open.add(end);
    const copy = (from: Socket, to: Socket) => {
      from.on("error", end);
      from.on("close", end);
      from.on("data", (chunk: Buffer) => {
        // Part of a record may pass: the cut is anywhere.
        const passing = chunk.subarray(0, left);
        left -= passing.length;
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
    cut: cutAll,
    close: () => {
      server.close();
      cutAll();
    },
  };
}
