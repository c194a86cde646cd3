// Kinds of files by the endings of their names, in any case of letters.
import { InputError } from "../errors.ts";

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

/**
 * The files of a folder that are of the kind, and those passed over. Names with `_` or `.` in front, of files or of folders on their way
 * from `start` on, are marks of whatever wrote the folder. Throws `InputError` (`nofiles`).
 */
export function chosen(
  kind: FileKind,
  folder: string,
  files: readonly string[],
  start: number,
): { readonly paths: readonly string[]; readonly passedOver: readonly string[] } {
  const paths: string[] = [];
  const passedOver: string[] = [];
  for (const file of files) {
    const names = file.slice(start).split("/");
    const last = names.pop()!;
    if (names.some(isMark)) continue;
    if (kindOfFile(file) === kind && !isMark(last)) paths.push(file);
    else if (!isMark(last) || kindOfFile(file) !== undefined) passedOver.push(file);
  }
  if (paths.length > 0) return { paths, passedOver };
  const others = passedOver.length === 0 ? "" : ` It holds ${passedOver.length} files with other endings.`;
  const remedy = `None in it has an ending of ${endingsOf(kind)}.${others}`;
  throw new InputError("nofiles", { file: folder, remedy });
}

/** Whether a name is a mark, not one of rows. */
export function isMark(name: string): boolean {
  return /^[_.]/.test(name);
}

/** The endings of a kind, for people. */
function endingsOf(kind: FileKind): string {
  const plain = ENDINGS[kind].map((ending) => `.${ending}`).join(", ");
  return kind === "parquet" ? plain : `${plain}, also .gz and .zst`;
}
