// Opens the node that a command works on, and closes it afterwards.
import { actingFor, openNode, thisAccount, type HalfroomNode } from "@halfroom/node";

export interface HomeFlags {
  readonly home?: string | undefined;
}

/**
 * Runs `work` on the node in the folder that the flags name, and closes it. What is done stands in the audit log with the account of the
 * system that this process runs as.
 */
export async function withNode<T>(flags: HomeFlags, work: (node: HalfroomNode) => Promise<T>): Promise<T> {
  return await withServingNode(flags, (node) => work(actingFor(node, thisAccount())));
}

/** The same for a process that acts for others. */
export async function withServingNode<T>(
  flags: HomeFlags,
  work: (node: HalfroomNode) => Promise<T>,
): Promise<T> {
  const node = await openNode(flags.home);
  try {
    return await work(node);
  } finally {
    node.close();
  }
}
