import { nodeFolder } from "../store/folder.ts";
import { scratchOf } from "../store/scratch.ts";
import { inWords } from "./node.ts";

/**
 * A folder of this process's own for what it throws away, in $HALFROOM_SCRATCH or else beside the node in `folder` (by default
 * $HALFROOM_HOME, else ~/.halfroom), where no node has to be. What killed processes left there is removed. `close` removes
 * it, unless something is in it. Rejects with OperatorError `folder` or `open-to-others`.
 */
export async function openScratch(folder?: string): Promise<{ readonly folder: string; close(): void }> {
  return await inWords(async () => {
    const { path } = nodeFolder(folder);
    const scratch = scratchOf(path, process.env["HALFROOM_SCRATCH"]);
    await scratch.sweep();
    return { folder: await scratch.open(), close: () => scratch.close() };
  });
}
