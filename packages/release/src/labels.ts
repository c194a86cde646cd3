// Labels of the released cells, from the receiver, who owns them, to the sender. Those of other cells never leave.
//
// One list, cell after cell in cell order, one label for each grouping column: a 4-byte little-endian length and as
// many bytes of UTF-8.
import {
  LABEL_BYTES_MAX,
  LABELS_BYTES_MAX,
  ProtocolError,
  recvBulk,
  sendBulk,
  type Channel,
} from "@halfroom/wire";

const LENGTH_BYTES = 4;

/** The receiver: sends the labels of the released cells, one list a cell. Errors: `refused`, if they are too long. */
export async function sendLabels(
  ch: Channel<"labelsSize" | "labels", never>,
  labels: readonly (readonly string[])[],
): Promise<void> {
  const encoded = encodeLabels(labels.flat());
  await ch.send({ type: "labelsSize", size: encoded.length });
  await sendBulk(ch, "labels", encoded);
}

/**
 * The sender: the labels of `cells` released cells, `groupBy` for each. Errors: `count` if they cannot be that many,
 * `malformed` if a label is too long, is not UTF-8 or if bytes are missing or left over.
 */
export async function recvLabels(
  ch: Channel<never, "labelsSize" | "labels">,
  cells: number,
  groupBy: number,
): Promise<string[][]> {
  const count = cells * groupBy;
  const { size } = await ch.recv("labelsSize");
  const largest = Math.min(count * (LENGTH_BYTES + LABEL_BYTES_MAX), LABELS_BYTES_MAX);
  if (size < count * LENGTH_BYTES || size > largest) throw new ProtocolError("count");
  const labels = decodeLabels(await recvBulk(ch, "labels", size), count);
  return Array.from({ length: cells }, (_, cell) => labels.slice(cell * groupBy, (cell + 1) * groupBy));
}

function encodeLabels(labels: readonly string[]): Uint8Array {
  const parts = labels.flatMap((label) => {
    const text = Buffer.from(label, "utf8");
    if (text.length > LABEL_BYTES_MAX) throw new ProtocolError("refused", "a label is too long");
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32LE(text.length);
    return [length, text];
  });
  const encoded = Buffer.concat(parts);
  if (encoded.length > LABELS_BYTES_MAX)
    throw new ProtocolError("refused", "all labels together are too long");
  return encoded;
}

function decodeLabels(encoded: Uint8Array, count: number): string[] {
  // A byte order mark is a character of the label like any other.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.length);
  const labels: string[] = [];
  let at = 0;
  while (labels.length < count) {
    const start = at + LENGTH_BYTES;
    if (start > encoded.length) throw new ProtocolError("malformed");
    at = start + view.getUint32(start - LENGTH_BYTES, true);
    if (at - start > LABEL_BYTES_MAX || at > encoded.length) throw new ProtocolError("malformed");
    labels.push(decodeText(decoder, encoded.subarray(start, at)));
  }
  if (at !== encoded.length) throw new ProtocolError("malformed");
  return labels;
}

function decodeText(decoder: InstanceType<typeof TextDecoder>, text: Uint8Array): string {
  try {
    return decoder.decode(text);
  } catch {
    throw new ProtocolError("malformed");
  }
}
