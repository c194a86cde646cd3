// `halfroom serve`: answers partners until it is told to end.
import { openLog, serve } from "@halfroom/node";
import { EXIT } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export async function serveCommand(flags: HomeFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const log = openLog(node.settings);
    const serving = await serve(node, log);
    await new Promise<void>((resolve) => {
      for (const name of ["SIGTERM", "SIGINT"] as const) {
        process.once(name, () => {
          log.info({ signal: name }, "ending: running sessions first");
          // A second signal does not wait for them.
          process.once(name, () => process.exit(EXIT.protocolFailure));
          resolve();
        });
      }
    });
    await serving.close();
    log.info("ended");
  });
}
