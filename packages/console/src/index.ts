// The console: a node's HTTP API, for programs (docs/api.md), and a page that uses it, for people (docs/console.md).
import { consoleSettings, nodeLog, type HalfroomNode } from "@halfroom/node";
import { RunningJobs } from "./jobs/running-jobs.ts";
import { appOf } from "./server/app.ts";
import { LIMITS, Rates, type Limits } from "./server/limits.ts";
import { OpenId } from "./server/openid.ts";
import { listen } from "./server/listen.ts";
import { readPage } from "./server/page.ts";

export type { Limits } from "./server/limits.ts";

export interface Console {
  /** HOST:PORT. */
  readonly address: string;
  readonly scheme: "http" | "https";
  /** Of the page, under a name that the console answers to. */
  readonly url: string;
  /** Takes no new connections, lets runs go on for as long as the setting `drain_seconds` says, and ends. */
  close(): Promise<void>;
}

/**
 * Offers the HTTP API of a node as its settings say, until it is closed; undefined where the setting `console` is `none`. `limits` stand
 * over the usual ones. Rejects with OperatorError `listen`, `file`.
 */
export async function openConsole(
  node: HalfroomNode,
  limits: Partial<Limits> = {},
): Promise<Console | undefined> {
  const settings = await consoleSettings(node);
  const { address, hosts, url: publicUrl, tls, drainSeconds, openid: provider, company } = settings;
  if (address === undefined) return undefined;
  const log = await nodeLog(node);
  const scheme = tls === undefined ? "http" : "https";
  const onFault = (error: unknown): void =>
    log.warn({ words: (error as Error).name }, "beside the requests of the console");
  const held = { ...LIMITS, ...limits };
  const jobs = new RunningJobs(node, { runsMax: held.runs, onFault });
  const [rates, page] = [new Rates(held), await readPage()];
  const openid = provider && new OpenId(provider);
  const asked = { address, hosts, url: publicUrl, scheme, company } as const;
  const app = appOf({ ...asked, node, jobs, log, openid, limits: held, rates, page });
  const { connections } = held;
  const listening = await listen({ address, tls, connections, fetch: app.fetch, onFault });
  log.info({ console: listening.address, scheme }, "console ready");
  const end = async (): Promise<void> => {
    listening.stop();
    await jobs.close(drainSeconds * 1000);
    listening.close();
  };
  let ended: Promise<void> | undefined;
  const url = publicUrl === "" ? urlOf(scheme, listening.address, hosts) : new URL("/", publicUrl).href;
  return { address: listening.address, scheme, url, close: () => (ended ??= end()) };
}

/** What listens on every address of the machine is reached under a name of its own. */
function urlOf(scheme: Console["scheme"], address: string, hosts: readonly string[]): string {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const isEverywhere = host === "0.0.0.0" || host === "[::]";
  return `${scheme}://${isEverywhere ? (hosts[0] ?? "localhost") : host}:${port}/`;
}
