// An HTTP proxy that only knows CONNECT, as a company's network has one.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { splitAddress } from "@halfroom/transport";

export interface ConnectProxy {
  /** HOST:PORT. */
  readonly address: string;
  /** The addresses that it was asked for, and each request's credentials. */
  readonly asked: { readonly address: string; readonly credentials: string | undefined }[];
  close(): void;
}

/** `answer` may give another status than 200 for a request, by its number from 0; nothing passes then. */
export async function connectProxy(answer: (n: number) => number = () => 200): Promise<ConnectProxy> {
  const asked: { address: string; credentials: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("connect", ({ url = "", headers }, incoming: Socket, head: Buffer) => {
    const status = answer(asked.push({ address: url, credentials: headers["proxy-authorization"] }) - 1);
    incoming.on("error", () => {});
    if (status !== 200) return void incoming.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
    const outgoing = connect(splitAddress(url), () => {
      incoming.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n");
      outgoing.write(head);
      incoming.pipe(outgoing).pipe(incoming);
    });
    sockets.add(outgoing);
    outgoing.on("error", () => incoming.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
