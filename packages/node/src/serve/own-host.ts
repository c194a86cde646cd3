// Whether a request's `Host` is a listener's own. A page's name can be made to point at this machine (DNS rebinding), and its requests would
// then look like that page's own; an IP address cannot.
import { isIP } from "node:net";
import { splitAddress } from "@halfroom/transport";

export interface OwnNames {
  /** HOST:PORT that the listener listens on. */
  readonly address: string;
  /** Further names of it. */
  readonly hosts: readonly string[];
}

/** `header`: as the request has it. */
export function isOwnHost(header: string | undefined, { address, hosts }: OwnNames): boolean {
  const host = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+))(?::\d{1,5})?$/.exec(header ?? "");
  const name = (host?.[1] ?? host?.[2])?.toLowerCase();
  if (name === undefined) return false;
  const own = [splitAddress(address).host, "localhost", ...hosts].map((each) => each.toLowerCase());
  return isIP(name) !== 0 || own.includes(name);
}
