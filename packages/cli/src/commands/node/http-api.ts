// `halfroom console`: offers the HTTP API and its page until it is told to end, without answering partners.
import { openConsole, type Console } from "@halfroom/console";
import type { HalfroomNode } from "@halfroom/node";
import { badInput } from "../../failure.ts";
import { say } from "../../print.ts";
import { firstSignal } from "../../stop-signal.ts";
import { withServingNode, type HomeFlags } from "./folder.ts";

export async function httpApiCommand(flags: HomeFlags): Promise<void> {
  await withServingNode(flags, async (node) => {
    const offered = await offerConsole(node);
    if (offered === undefined)
      throw badInput("The setting `console` is none; give it an address, or HALFROOM_CONSOLE.");
    await firstSignal();
    await offered.close();
  });
}

/** Opens the console, and says where its page is; undefined where the setting `console` is `none`. */
export async function offerConsole(node: HalfroomNode): Promise<Console | undefined> {
  const offered = await openConsole(node);
  if (offered !== undefined) say(`The console is at ${offered.url}`);
  return offered;
}
