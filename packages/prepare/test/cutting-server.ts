// A server in front of a database that cuts the line.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * Passes bytes on to the URL's server and cuts the nth line after so many of them, and says how many went through each; what it opens goes
 * into `servers`. Returns the URL of itself.
 */
export async function cuttingServer(
  url: string,
  bytesMax: (line: number) => number,
  servers: Server[],
  passed: number[] = [],
): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const line = passed.push(0) - 1;
    const cut = (...sockets: Socket[]): void => sockets.forEach((socket) => socket.destroy());
    client.on("error", () => cut(upstream)).pipe(upstream);
    upstream.on("error", () => cut(client));
    upstream.on("data", (chunk: Buffer) => {
      passed[line]! += chunk.length;
      if (passed[line]! > bytesMax(line)) cut(client, upstream);
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
