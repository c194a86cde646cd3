// Reports as files of a folder, whole or not at all.
import { constants } from "node:fs";
import { access, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { codeOf } from "../errors.ts";
import { ATTEMPT_MS, Undelivered } from "../events/attempt.ts";
import type { NodeState } from "../node-state.ts";
import { bytesOf, FORM_DEFAULT, nameOf } from "./file-bytes.ts";
import type { Sink } from "./settings.ts";
import type { SinkWriter } from "./target.ts";

const DRAFT_BYTES = 8;
const DRAFT = /^halfroom-[0-9a-f]{64}\.(?:csv|ndjson|parquet)\.[0-9a-f]{16}\.tmp$/;
/** A draft that nobody has touched for so long is of a process that was killed: a delivery takes less. */
const ABANDONED_MS = 2 * ATTEMPT_MS;

export function folderSink(
  node: Pick<NodeState, "folder" | "scratch">,
  { folder, form = FORM_DEFAULT }: Sink,
): SinkWriter {
  const place = resolve(node.folder.path, folder!);
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
      const bytes = await bytesOf(node, form, lines);
      const file = join(place, nameOf(session, form));
      const draft = `${file}.${randomBytes(DRAFT_BYTES).toString("hex")}.tmp`;
      try {
        await mkdir(place, { recursive: true });
        await removeAbandoned(place);
        // With the rights that this account gives its files: others are to read it.
        const handle = await open(draft, "wx");
        try {
          await handle.writeFile(bytes);
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

/** Drafts of deliveries that were killed, this node's or, in a folder that several write to, another's. */
async function removeAbandoned(place: string): Promise<void> {
  for (const name of (await readdir(place)).filter((each) => DRAFT.test(each))) {
    const draft = join(place, name);
    // Another delivery may remove it, or have given it its name, at the same moment.
    const touched = await stat(draft).catch(() => undefined);
    if (touched !== undefined && touched.mtimeMs <= Date.now() - ABANDONED_MS)
      await rm(draft, { force: true });
  }
}
