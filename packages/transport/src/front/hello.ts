// How a connection begins: with a hello of TLS (RFC 8446, section 4.1.2) that offers one of Halfroom's protocols, and no other, by ALPN, and
// names a host or a stream (protocol-spec.md, sections 6.2 and 6.6), all of which stands there in the clear. Who calls, only the end of TLS can tell.
import { otherThanTls, type OtherThanTls } from "../first-bytes.ts";
import { PURPOSES } from "../tls-peer.ts";
import { streamNameIn } from "./stream-name.ts";

const RECORD_HEAD_BYTES = 5;
/** Longest record (RFC 8446, section 5.1); callers of ours send a tenth. */
const RECORD_BYTES_MAX = 1 << 14;
const CLIENT_HELLO = 1;
/** Type and length of a handshake message; version and random of a hello. */
const HELLO_HEAD_BYTES = 4 + 2 + 32;
/** Of extensions (RFC 6066, section 3; RFC 7301, section 3.1), and the kind of name. */
const SERVER_NAME = 0;
const ALPN = 16;
const HOST_NAME = 0;

/** A hello for a stream has its name, 32 hexadecimal digits. */
export type Hello = "partner" | { readonly stream: string } | "other-protocol" | OtherThanTls;

/** Undefined while the first record is not whole. */
export function helloOf(bytes: Buffer): Hello | undefined {
  const other = otherThanTls(bytes);
  if (other !== undefined) return other;
  if (bytes.length < RECORD_HEAD_BYTES) return undefined;
  const length = bytes.readUInt16BE(RECORD_HEAD_BYTES - 2);
  if (length > RECORD_BYTES_MAX) return "other-protocol";
  if (bytes.length < RECORD_HEAD_BYTES + length) return undefined;
  try {
    return read(bytes.subarray(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + length));
  } catch (error) {
    if (error instanceof RangeError) return "other-protocol";
    throw error;
  }
}

/** Throws RangeError, if a length leads out of the record. */
function read(record: Buffer): Hello {
  if (record[0] !== CLIENT_HELLO) return "other-protocol";
  const hello = new Cursor(record, HELLO_HEAD_BYTES);
  // A session's id, ciphers, compressions.
  for (const bytes of [1, 2, 1]) hello.part(bytes);
  const extensions = new Cursor(hello.part(2));
  let [protocol, host] = ["", ""];
  while (extensions.isLeft) {
    const type = extensions.number(2);
    const extension = new Cursor(extensions.part(2));
    if (type === ALPN) protocol = onlyName(new Cursor(extension.part(2)));
    else if (type === SERVER_NAME) host = hostName(new Cursor(extension.part(2)));
  }
  if (protocol === PURPOSES.session || protocol === PURPOSES.join) return "partner";
  const stream = protocol === PURPOSES.stream ? streamNameIn(host) : undefined;
  return stream === undefined ? "other-protocol" : { stream };
}

/** Empty, unless there is exactly one. */
function onlyName(names: Cursor): string {
  const name = names.part(1).toString("latin1");
  return names.isLeft ? "" : name;
}

function hostName(names: Cursor): string {
  const kind = names.number(1);
  const name = names.part(2).toString("latin1");
  return kind === HOST_NAME ? name : "";
}

/** Reads numbers, and parts that stand behind their lengths. */
class Cursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isLeft(): boolean {
    return this.#at < this.#bytes.length;
  }

  number(bytes: number): number {
    const value = this.#bytes.readUIntBE(this.#at, bytes);
    this.#at += bytes;
    return value;
  }

  part(lengthBytes: number): Buffer {
    const end = this.number(lengthBytes) + this.#at;
    if (end > this.#bytes.length) throw new RangeError("a length beyond the end");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}
