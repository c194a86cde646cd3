// The share that a setting names.
import type { Share } from "./share.ts";

/** `name`: as in the setting `share`, which was checked. */
export async function openShare(name: string): Promise<Share> {
  // Loaded where it is asked for alone: the client of object stores is large.
  if (name.startsWith("s3://")) return new (await import("./object-share.ts")).ObjectShare(name);
  return new (await import("./folder-share.ts")).FolderShare(name);
}
