// Opens the node that a command works on, and closes it afterwards.
import { openNode, type HalfroomNode } from "@halfroom/node";

export interface HomeFlags {
  readonly home?: string | undefined;
}

/** Runs `work` on the node in the folder that the flags name, and closes it. */
export async function withNode<T>(flags: HomeFlags, work: (node: HalfroomNode) => Promise<T>): Promise<T> {
  const node = await openNode(flags.home);
  try {
    return await work(node);
  } finally {
    node.close();
  }
}
