// Names of objects in S3-compatible stores, and which of them a source means. It has no folders: they are what names begin with.
import type { Files } from "../files.ts";
import { InputError } from "../../errors.ts";
import { chosen, type FileKind } from "../kinds.ts";

export const SCHEME = "s3://";

/** Whether a source's path means objects of a store. */
export function isRemote(path: string): boolean {
  return path.startsWith(SCHEME);
}

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Throws `InputError` (`unreadable`). */
export function objectPlace(url: string): ObjectPlace {
  const [, bucket, key = ""] = /^s3:\/\/([a-zA-Z\d][\w.-]{1,254})(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket !== undefined) return { bucket, key };
  throw new InputError("unreadable", { file: url, remedy: "Write it as s3://BUCKET/KEY." });
}

const GLOB = /[*?[]/;

/** The part of names that is the same for all that a path means, up to the first mark of a pattern. */
export function prefixOf(key: string): string {
  return key.slice(0, GLOB.test(key) ? key.search(GLOB) : undefined);
}

/**
 * Of the keys that begin like a path those that it means, by the rules for files: its own, those that match its pattern, or those in the
 * folder that it is. Throws `InputError` (`nofiles`, `unreadable`).
 */
export function chosenKeys(
  kind: FileKind,
  url: string,
  key: string,
  keys: readonly string[],
): Pick<Files, "paths" | "passedOver"> {
  if (key !== "" && !key.endsWith("/") && keys.includes(key)) return { paths: [key], passedOver: [] };
  if (GLOB.test(key)) {
    const pattern = globPattern(key);
    const paths = keys.filter((each) => !each.endsWith("/") && pattern.test(each));
    if (paths.length > 0) return { paths, passedOver: [] };
    const remedy = "Nothing matches; upper and lower case differ, in endings too.";
    throw new InputError("nofiles", { file: url, remedy });
  }
  const folder = key === "" || key.endsWith("/") ? key : `${key}/`;
  // Some programs mark a folder by an empty object.
  const inside = keys.filter((each) => each.startsWith(folder) && !each.endsWith("/"));
  if (inside.length > 0) return chosen(kind, url, inside, folder.length);
  const remedy = "There is no such object, and none whose name begins so: check bucket and key.";
  throw new InputError("unreadable", { file: url, remedy });
}

/** `*` and `?` stop at slashes, `**` does not; `[a-c]` is one of these characters, `[!a-c]` another one. */
export function globPattern(glob: string): RegExp {
  const parts = glob.matchAll(/\*\*\/|\*\*|\*|\?|\[(!?)((?:[^\]\\]|\\.)+)\]|[^]/g);
  const pattern = [...parts].map(([part, not, characters]) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (characters === undefined) return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    return `[${not === "!" ? "^" : ""}${characters.replaceAll(/[\\^[\]]/g, String.raw`\$&`)}]`;
  });
  return new RegExp(`^${pattern.join("")}$`, "s");
}
