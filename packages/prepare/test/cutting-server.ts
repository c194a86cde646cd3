// A server in front of a database that cuts the line.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Passes bytes on to the URL's server and cuts the line after so many of them; what it opens goes into `servers`. Returns the URL of itself. */
export async function cuttingServer(url: string, bytesMax: number, servers: Server[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let bytes = 0;
    const cut = (...sockets: Socket[]): void => sockets.forEach((socket) => socket.destroy());
    client.on("error", () => cut(upstream)).pipe(upstream);
    upstream.on("error", () => cut(client));
    upstream.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) cut(client, upstream);
      else client.write(chunk);
    });
    upstream.on("close", () => client.destroy());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return through.href;
}
