// Whose connection an address makes it: limits go by what one party usually holds.
import { isIPv6 } from "node:net";

const GROUPS = 8;
/** A network's 64 bits are handed out as a whole (RFC 6177); the other 64 are its owner's to choose. */
const NETWORK_GROUPS = 4;

/** An IPv4 address itself, also where the system writes it as IPv6; of an IPv6 address its network of 64 bits. */
export function addressGroup(address: string): string {
  const [plain] = address.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain!);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(plain!)) return plain!;
  const [head, tail] = plain!.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  const left = tail === undefined ? 0 : GROUPS - head!.length - tail.length;
  const groups = [...head!, ...Array.from({ length: Math.max(0, left) }, () => "0"), ...(tail ?? [])];
  return `${groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
