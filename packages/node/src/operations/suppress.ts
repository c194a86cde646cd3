// `halfroom suppress add`: people who opted out.
import { prepareReceiver } from "@halfroom/prepare";
import type { HalfroomNode } from "../node/open-node.ts";

/**
 * Takes the people of a CSV file with a column "email" out of all later sessions and out of the caches. Returns how many
 * the file names and how many of them are new. Throws InputError.
 */
export async function suppress(node: HalfroomNode, file: string): Promise<{ people: number; added: number }> {
  const { identifiers, people } = await prepareReceiver(file, { match: "email", groupBy: [] });
  const now = Date.now();
  const added = node.suppressed.add(identifiers, now);
  node.audit.append("suppressed", { added }, now);
  return { people, added };
}
