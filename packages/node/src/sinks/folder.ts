// Reports as files of a folder, whole or not at all.
import { constants } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { codeOf } from "../errors.ts";
import { Undelivered } from "../events/attempt.ts";
import type { NodeFolder } from "../store/folder.ts";
import { nameOf, textOf } from "./file-text.ts";
import type { Sink } from "./settings.ts";
import type { SinkWriter } from "./target.ts";

const DRAFT_BYTES = 8;

export function folderSink(
  { path: home }: Pick<NodeFolder, "path">,
  { folder, form = "ndjson" }: Sink,
): SinkWriter {
  const place = resolve(home, folder!);
  const failed = (cause: unknown) =>
    new Undelivered(
      `its folder cannot be written to (${codeOf(cause)}): make it, or give this account the right`,
      { cause },
    );
  return {
    async check() {
      await access(place, constants.W_OK).catch((cause: unknown) => {
        if (codeOf(cause) !== "ENOENT") throw failed(cause);
      });
    },
    async write(session, lines) {
      const file = join(place, nameOf(session, form));
      const draft = `${file}.${randomBytes(DRAFT_BYTES).toString("hex")}.tmp`;
      try {
        await mkdir(place, { recursive: true });
        // With the rights that this account gives its files: others are to read it.
        const handle = await open(draft, "wx");
        try {
          await handle.writeFile(textOf(form, lines));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(draft, file);
      } catch (cause) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw failed(cause);
      }
    },
  };
}
