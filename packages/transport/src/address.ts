import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";

const PORT_MAX = 65_535;

/** HOST:PORT, an IPv6 host in brackets; throws ProtocolError `refused` for anything else. */
export function splitAddress(address: string): { host: string; port: number } {
  const parts = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(address);
  const port = Number(parts?.[3]);
  if (parts === null || port > PORT_MAX)
    throw new ProtocolError("refused", `${quoted(address)} is not HOST:PORT`);
  return { host: (parts[1] ?? parts[2])!, port };
}
