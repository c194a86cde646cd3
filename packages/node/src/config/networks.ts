// Networks as settings name them: an address, or an address with the number of bits that count, as in 10.0.0.0/8.
import { BlockList, isIP } from "node:net";

export interface Network {
  readonly address: string;
  readonly bits: number;
  /** Of IP: 4 or 6. */
  readonly version: number;
}

/** Undefined for a text that names none. */
export function networkOf(text: string): Network | undefined {
  const [, address = "", given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = given === undefined ? most : Number(given);
  return bits > most ? undefined : { address, bits, version };
}

/** Tells of addresses, an IPv4 address written as IPv6 among them, whether one of the networks holds them. */
export function inNetworks(networks: readonly Network[]): (address: string) => boolean {
  const listed = new BlockList();
  for (const { address, bits, version } of networks) listed.addSubnet(address, bits, familyOf(version));
  return (address) => listed.check(address, familyOf(isIP(address)));
}

const familyOf = (version: number) => (version === 4 ? "ipv4" : "ipv6");
