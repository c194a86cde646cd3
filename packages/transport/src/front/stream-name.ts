// The name of a stream in a hello of TLS (protocol-spec.md, section 6.6): the first label of the server's name, before the host that is
// dialled, so that what routes by hosts may go on doing so.
import { isIP } from "node:net";
import { splitAddress } from "../address.ts";

const NAME = /^([0-9a-f]{32})(?:\.|$)/;
/** Of names of hosts (RFC 1035, section 2.3.4). */
const HOST_LENGTH_MAX = 253;

/** `name`: 32 hexadecimal digits; `address`: HOST:PORT that is dialled. An IP address has no place in the name of a server. */
export function serverNameOf(name: string, address: string): string {
  const { host } = splitAddress(address);
  const whole = `${name}.${host}`;
  return isIP(host) === 0 && whole.length <= HOST_LENGTH_MAX ? whole : name;
}

export function streamNameIn(host: string): string | undefined {
  return NAME.exec(host)?.[1];
}
