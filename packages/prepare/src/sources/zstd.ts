// Zstandard (RFC 8878) as a stage of a pipeline. Node.js has it only from 22.15 on.

/** The bytes of a file's frames, one after the other. Throws an Error with code `Z_ZSTD` for what is no complete file. */
export async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // Loaded only for such a file.
  const { Decompress } = await import("fzstd");
  let unpacked: Buffer[] = [];
  const decompress = new Decompress((bytes) => {
    // The library uses its window again for what comes next.
    unpacked.push(Buffer.from(bytes));
  });
  const push = (chunk: Uint8Array, last: boolean): Buffer[] => {
    try {
      decompress.push(chunk, last);
    } catch (cause) {
      throw Object.assign(new Error("not Zstandard", { cause }), { code: "Z_ZSTD" });
    }
    const given = unpacked;
    unpacked = [];
    return given;
  };
  for await (const chunk of chunks) yield* push(chunk, false);
  yield* push(new Uint8Array(0), true);
}
