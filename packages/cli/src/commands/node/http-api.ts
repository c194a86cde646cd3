// `halfroom console`: offers the HTTP API until it is told to end, without answering partners.
import { openConsole } from "@halfroom/console";
import { badInput } from "../../failure.ts";
import { firstSignal } from "../../stop-signal.ts";
import { withServingNode, type HomeFlags } from "./folder.ts";

export async function httpApiCommand(flags: HomeFlags): Promise<void> {
  await withServingNode(flags, async (node) => {
    const offered = await openConsole(node);
    if (offered === undefined)
      throw badInput("The setting `console` is none; give it an address, or HALFROOM_CONSOLE.");
    await firstSignal();
    await offered.close();
  });
}
