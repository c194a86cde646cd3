// `halfroom serve`: answers partners until it is told to end.
import { serve } from "@halfroom/node";
import { withNode, type HomeFlags } from "./folder.ts";

export async function serveCommand(flags: HomeFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const serving = await serve(node);
    await serving.close(await firstSignal());
  });
}

/**
 * A second signal does not wait for running sessions: nobody listens to it any more, so it ends the process. `process.exit` would
 * wait for data that is being read, which waits for this thread.
 */
async function firstSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    const names = ["SIGTERM", "SIGINT"] as const;
    const onSignal = (name: NodeJS.Signals): void => {
      names.forEach((each) => process.off(each, onSignal));
      resolve(name);
    };
    names.forEach((each) => process.on(each, onSignal));
  });
}
