// Whether a connection begins as a partner's: with a hello of TLS (RFC 8446, section 4.1.2) that offers Halfroom's protocol, and no other, by
// ALPN (protocol-spec.md, section 6.2), which stands there in the clear. Who calls, only the end of TLS can tell.
import { otherThanTls, type OtherThanTls } from "../first-bytes.ts";
import { PURPOSES } from "../tls-peer.ts";

const RECORD_HEAD_BYTES = 5;
/** Longest record (RFC 8446, section 5.1); callers of ours send a tenth. */
const RECORD_BYTES_MAX = 1 << 14;

/** The whole extension, as a caller of ours sends it: type 16, its length, the length of its list, that of the name, the name. */
const EXTENSIONS = Object.values(PURPOSES).map((name) => {
  const text = Buffer.from(name, "ascii");
  return Buffer.concat([Buffer.from([0, 16, 0, text.length + 3, 0, text.length + 1, text.length]), text]);
});

export type Hello = "partner" | "other-protocol" | OtherThanTls;

/** Undefined while the first record is not whole. */
export function helloOf(bytes: Buffer): Hello | undefined {
  const other = otherThanTls(bytes);
  if (other !== undefined) return other;
  if (bytes.length < RECORD_HEAD_BYTES) return undefined;
  const length = bytes.readUInt16BE(RECORD_HEAD_BYTES - 2);
  if (length > RECORD_BYTES_MAX) return "other-protocol";
  if (bytes.length < RECORD_HEAD_BYTES + length) return undefined;
  const record = bytes.subarray(RECORD_HEAD_BYTES, RECORD_HEAD_BYTES + length);
  return EXTENSIONS.some((extension) => record.includes(extension)) ? "partner" : "other-protocol";
}
