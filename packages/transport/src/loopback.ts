// ws:// neither encrypts nor identifies anybody, so it must not leave the machine.
import { isIPv4 } from "node:net";
import { ProtocolError } from "@halfroom/wire";

/** Throws ProtocolError `refused` for a host that is not this machine itself; IPv6 with or without brackets. */
export function assertLoopback(host: string): void {
  if (["localhost", "::1", "[::1]"].includes(host) || (isIPv4(host) && host.startsWith("127."))) return;
  throw new ProtocolError(
    "refused",
    `ws:// is not encrypted: only 127.0.0.1, ::1 and localhost are allowed, not "${host}"`,
  );
}
