// The header by which what passes TCP on says who calls: the PROXY protocol, versions 1 and 2 (haproxy.org/download/2.8/doc/proxy-protocol.txt,
// sections 2.1 and 2.2). It stands before all else, and is believed of machines of the owner's own alone.
import { isIP, isIPv4 } from "node:net";
import { STREAM_NAME_BYTES } from "@halfroom/wire";

/**
 * What a header says: the caller's address; of whoever calls for itself, "check", to see that somebody answers, or the name of a stream, to
 * learn where it leads.
 */
export type Said = { readonly address: string } | "check" | { readonly stream: string };

export interface Header {
  readonly said: Said;
  /** Of the header. */
  readonly bytes: number;
}

/** The longest that is taken; what comes behind the addresses in version 2 is passed over. */
const HEADER_BYTES_MAX = 1024;
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const LINE_START = Buffer.from("PROXY ", "latin1");
/** With its end. */
const LINE_BYTES_MAX = 107;
/** Signature, version and command, family, length. */
const HEAD_BYTES = 16;
const LOCAL = 0x20;
const PROXY = 0x21;
/** A value of our own (section 2.2.7) in the header of a gateway that asks for a stream: its name. */
const STREAM_VALUE = 0xe0;
const VALUE_HEAD_BYTES = 3;
/** TCP over IPv4 and over IPv6: the bytes of an address. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 0x11: 4, 0x21: 16 };

/** The header that bytes begin with; "more" while it is not whole; undefined if they begin with none. */
export function readProxyHeader(bytes: Buffer): Header | "more" | undefined {
  if (beginsLike(bytes, SIGNATURE)) return bytes.length < HEAD_BYTES ? "more" : readVersion2(bytes);
  if (beginsLike(bytes, LINE_START)) return readVersion1(bytes);
  return undefined;
}

/** In version 2; the address of the listener, which nobody needs, is zero. */
export function proxyHeader(said: Said): Buffer {
  if (said === "check") return localHeader(Buffer.alloc(0));
  if ("stream" in said) {
    const name = Buffer.from(said.stream, "hex");
    return localHeader(Buffer.concat([Buffer.from([STREAM_VALUE, 0, name.length]), name]));
  }
  const address = withoutMapping(said.address);
  const family = isIPv4(address) ? 0x11 : 0x21;
  const size = ADDRESS_BYTES[family]!;
  const addresses = Buffer.alloc(2 * size + 4);
  addresses.set(bytesOfAddress(address), 0);
  const head = Buffer.from([PROXY, family, 0, addresses.length]);
  return Buffer.concat([SIGNATURE, head, addresses]);
}

function localHeader(values: Buffer): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from([LOCAL, 0, 0, values.length]), values]);
}

function beginsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readVersion1(bytes: Buffer): Header | "more" | undefined {
  const end = bytes.subarray(0, LINE_BYTES_MAX).indexOf("\r\n");
  if (end === -1) return bytes.length < LINE_BYTES_MAX ? "more" : undefined;
  const line = bytes.toString("latin1", LINE_START.length, end);
  const [, address = ""] = /^TCP[46] (\S+) \S+ \d{1,5} \d{1,5}$/.exec(line) ?? [];
  if (isIP(address) === 0) return undefined;
  return { said: { address }, bytes: end + 2 };
}

function readVersion2(bytes: Buffer): Header | "more" | undefined {
  const [command, family] = [bytes[12]!, bytes[13]!];
  const length = HEAD_BYTES + bytes.readUInt16BE(14);
  if (length > HEADER_BYTES_MAX || (command !== LOCAL && command !== PROXY)) return undefined;
  if (bytes.length < length) return "more";
  if (command === LOCAL) return { said: saidForItself(bytes.subarray(HEAD_BYTES, length)), bytes: length };
  const size = ADDRESS_BYTES[family];
  if (size === undefined || length < HEAD_BYTES + 2 * size + 4) return undefined;
  const address = addressOfBytes(bytes.subarray(HEAD_BYTES, HEAD_BYTES + size));
  return { said: { address }, bytes: length };
}

function saidForItself(values: Buffer): Said {
  const isAsking =
    values.length === VALUE_HEAD_BYTES + STREAM_NAME_BYTES &&
    values[0] === STREAM_VALUE &&
    values.readUInt16BE(1) === STREAM_NAME_BYTES;
  return isAsking ? { stream: values.toString("hex", VALUE_HEAD_BYTES) } : "check";
}

function addressOfBytes(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return withoutMapping(groups.join(":"));
}

/** An IPv4 address as such, also where the system writes it as IPv6. */
function withoutMapping(address: string): string {
  if (isIPv4(address)) return address;
  const bytes = bytesOfAddress(address);
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? bytes.subarray(12).join(".") : address;
}

function bytesOfAddress(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  // The form of URLs has neither zones nor IPv4 in it.
  const { hostname } = new URL(`http://[${address.split("%")[0]}]`);
  const [head, tail] = hostname
    .slice(1, -1)
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - head!.length - (tail?.length ?? 0) }, () => "0");
  const groups = [...head!, ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
