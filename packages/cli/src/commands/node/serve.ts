// `halfroom serve`: answers partners until it is told to end.
import { serve } from "@halfroom/node";
import { firstSignal } from "../../stop-signal.ts";
import { tellReady, tellStopping } from "../../tell-systemd.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export async function serveCommand(flags: HomeFlags): Promise<void> {
  await withNode(flags, async (node) => {
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
    await serving.close(signal);
  });
}
