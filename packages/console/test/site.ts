// A node of its own with its console, and a client for each role.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUser, createToken, initNode, openNode, type ApiRole, type HalfroomNode } from "@halfroom/node";
import { onTestFinished } from "vitest";
import { createClient, type Client } from "../src/client.ts";
import { Browser } from "./browser.ts";
import { openConsole, type Console, type Limits } from "../src/index.ts";

export interface ConsoleSite {
  readonly node: HalfroomNode;
  readonly console: Console;
  /** http://HOST:PORT */
  readonly url: string;
  token(role: ApiRole, days?: number): Promise<string>;
  client(role: ApiRole): Promise<Client>;
  /** Adds a user, and signs in as them. */
  person(name: string, role: ApiRole): Promise<Browser>;
  /** A browser in which nobody is signed in. */
  browser(): Browser;
}

export const PASSWORD = "moor lantern oyster";
/** What the test does not count, and what it need not wait for. */
export const PLENTY = {
  tokenPerMinute: 1e6,
  strangerPerMinute: 1e6,
  signInsOfName: 1e6,
  signInsOfAddress: 1e6,
  passwordLogN: 4,
};

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
    browser: () => new Browser(url),
    async person(name, role) {
      await addUser(node, { name, role, password: PASSWORD, codes: false }, { logN: PLENTY.passwordLogN });
      const browser = new Browser(url);
      await browser.signIn(name);
      return browser;
    },
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
