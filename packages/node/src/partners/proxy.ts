// Through which HTTP proxy a partner is dialled: the setting `proxy`, otherwise HTTPS_PROXY. NO_PROXY names the exceptions to both, as
// curl reads it: hosts, domains with all that is below them, addresses, networks as 10.0.0.0/8, each with :PORT or without; or "*".
import { isIP } from "node:net";
import { parseProxy, proxyAddress, splitAddress } from "@halfroom/transport";
import { inNetworks, networkOf } from "../config/networks.ts";
import { NO_PROXY, type Settings } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";

/**
 * The proxy for a partner at HOST:PORT; undefined to dial directly. Names in lower case come before those in upper case. Errors:
 * `settings` if the variable holds no proxy that can be used; its value, which may hold a password, is not told.
 */
export function proxyFor(
  { proxy }: Pick<Settings, "proxy">,
  address: string,
  env: NodeJS.ProcessEnv = process.env,
): URL | undefined {
  if (proxy === NO_PROXY) return undefined;
  const variable = (env["https_proxy"] ?? "") === "" ? "HTTPS_PROXY" : "https_proxy";
  const text = proxy === "" ? (env[variable] ?? "") : proxy;
  if (text === "" || isException(env["no_proxy"] ?? env["NO_PROXY"] ?? "", address)) return undefined;
  const url = parseProxy(text);
  if (url !== undefined) return url;
  throw new OperatorError(
    "settings",
    `${variable}: this is not an HTTP proxy as in http://HOST:PORT; set \`proxy\` to one, or to none to dial partners directly.`,
  );
}

/** What a message says about the way: "through the proxy HOST:PORT", or nothing. */
export function wayWords(proxy: URL | undefined): string {
  return proxy === undefined ? "" : ` through the proxy ${proxyAddress(proxy)}`;
}

function isException(list: string, address: string): boolean {
  const { host, port } = splitAddress(address);
  return list
    .split(/[\s,]+/)
    .some((entry) => entry === "*" || (entry !== "" && fits(entry, host.toLowerCase(), port)));
}

function fits(entry: string, host: string, port: number): boolean {
  const [, named, only] = /^(.+?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry)!;
  if (only !== undefined && Number(only) !== port) return false;
  const pattern = named!
    .toLowerCase()
    .replaceAll(/[[\]]/g, "")
    .replace(/^\*?\./, "");
  const version = isIP(host);
  if (version === 0) return host === pattern || host.endsWith(`.${pattern}`);
  const network = networkOf(pattern);
  return network?.version === version && inNetworks([network])(host);
}
