// A node of its own with its console, and a client for each role.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createToken, initNode, openNode, type ApiRole, type HalfroomNode } from "@halfroom/node";
import { onTestFinished } from "vitest";
import { createClient, type Client } from "../src/client.ts";
import { openConsole, type Console, type Limits } from "../src/index.ts";

export interface ConsoleSite {
  readonly node: HalfroomNode;
  readonly console: Console;
  /** http://HOST:PORT */
  readonly url: string;
  token(role: ApiRole, days?: number): Promise<string>;
  client(role: ApiRole): Promise<Client>;
}

/** What the test does not count. */
const PLENTY = { tokenPerMinute: 1e6, strangerPerMinute: 1e6 };

/** The console of a node that is open already. */
export async function consoleOf(node: HalfroomNode, limits: Partial<Limits> = PLENTY): Promise<ConsoleSite> {
  const console = (await openConsole(node, limits))!;
  onTestFinished(() => console.close());
  const url = `${console.scheme}://${console.address}`;
  const token = async (role: ApiRole, days = 1) => (await createToken(node, { role, days })).token;
  return {
    node,
    console,
    url,
    token,
    client: async (role) => createClient({ url, token: await token(role) }),
  };
}

export async function openSite(
  env: NodeJS.ProcessEnv = {},
  limits: Partial<Limits> = PLENTY,
): Promise<ConsoleSite> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-console-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await initNode(folder);
  const usual = { HALFROOM_CONSOLE: "127.0.0.1:0", HALFROOM_LOG_LEVEL: "silent", HALFROOM_THREADS: "1" };
  const node = await openNode(folder, { env: { ...usual, ...env } });
  onTestFinished(() => node.close());
  return await consoleOf(node, limits);
}
