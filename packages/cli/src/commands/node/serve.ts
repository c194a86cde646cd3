// `halfroom serve`: answers partners until it is told to end.
import { EXIT, serve } from "@halfroom/node";
import { withNode, type HomeFlags } from "./folder.ts";

export async function serveCommand(flags: HomeFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const serving = await serve(node);
    const signal = await new Promise<string>((resolve) => {
      for (const name of ["SIGTERM", "SIGINT"] as const) {
        process.once(name, () => {
          // A second signal does not wait for running sessions.
          process.once(name, () => process.exit(EXIT.protocolFailure));
          resolve(name);
        });
      }
    });
    await serving.close(signal);
  });
}
