// Kinds of files by the endings of their names, in any case of letters.

const ENDINGS = {
  csv: ["csv", "tsv"],
  ndjson: ["ndjson", "jsonl", "json"],
  parquet: ["parquet"],
} as const;

export type FileKind = keyof typeof ENDINGS;

/** Parquet compresses within the file. */
const PACKED = String.raw`(?:\.(?:gz|zst))?`;

/** What a file holds by the ending of its name; undefined if the ending is not known. */
export function kindOfFile(name: string): FileKind | undefined {
  const kinds = Object.keys(ENDINGS) as FileKind[];
  return kinds.find((kind) => {
    return new RegExp(
      String.raw`\.(?:${ENDINGS[kind].join("|")})${kind === "parquet" ? "" : PACKED}$`,
      "i",
    ).test(name);
  });
}

/** The endings of a kind, for people. */
export function endingsOf(kind: FileKind): string {
  const plain = ENDINGS[kind].map((ending) => `.${ending}`).join(", ");
  return kind === "parquet" ? plain : `${plain}, also .gz and .zst`;
}
