// `halfroom serve`: answers partners, and whoever uses the HTTP API, until it is told to end.
import { serve } from "@halfroom/node";
import { firstSignal } from "../../stop-signal.ts";
import { tellReady, tellStopping } from "../../tell-systemd.ts";
import { withServingNode, type HomeFlags } from "./folder.ts";
import { offerConsole } from "./http-api.ts";

export async function serveCommand(flags: HomeFlags): Promise<void> {
  await withServingNode(flags, async (node) => {
    // Before partners are answered: whoever waits for the line that says so finds both.
    const offered = await offerConsole(node);
    try {
      const serving = await serve(node);
      const told = firstSignal();
      try {
        await tellReady();
      } catch (error) {
        await serving.close();
        throw error;
      }
      const signal = await told;
      await tellStopping();
      await Promise.all([serving.close(signal), offered?.close()]);
    } finally {
      await offered?.close();
    }
  });
}
