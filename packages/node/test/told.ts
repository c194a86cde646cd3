// Nodes that tell others of events, and who hears them.
import { writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { initNode } from "../src/api/init.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { emptyFolder } from "./home.ts";

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;

export interface Heard {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server on this machine that answers each request as `answer` says. Returns its URL and what it heard. */
export async function hearing(answer: RequestListener = (_request, response) => response.end()) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      heard.push({ path: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  });
  const port = await listening(server);
  return { heard, port, url: `http://127.0.0.1:${port}/hook` };
}

export async function listening(server: {
  listen(port: number, host: string, done: () => void): unknown;
  close(): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A node with such settings and files, under a clock that the test moves. */
export async function tellingNode(
  settings: object,
  files: Readonly<Record<string, string>> = { "ops.secret": SECRET },
) {
  const folder = emptyFolder();
  await initNode(folder.path);
  const clock = { now: Date.now() };
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text, { mode: 0o600 });
  for (const [name, text] of Object.entries(files)) write(name, text);
  writeFileSync(
    folder.configFile,
    JSON.stringify({ listen: "127.0.0.1:0", admin: "127.0.0.1:0", ...settings }),
  );
  const open = async (): Promise<NodeState> => {
    const node = await openState(folder, {}, () => clock.now);
    onTestFinished(() => {
      try {
        node.close();
      } catch {
        // The test has closed it.
      }
    });
    return node;
  };
  return { node: await open(), clock, open, write };
}

/** Something that happens: a report that failed. */
export function fail(node: NodeState, code = "timeout"): void {
  const facts = { id: "abcd", partner: "advertiser", stage: "match", code };
  node.audit.append("failed", facts, node.clock.now());
}
