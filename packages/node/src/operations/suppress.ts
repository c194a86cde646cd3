// `halfroom suppress add`: people who opted out.
import { datasetSchema, prepareReceiverDataset, type Dataset } from "@halfroom/prepare";
import type { HalfroomNode } from "../node/open-node.ts";

const KEY = "email";

/**
 * Takes the people of a CSV file with a column "email" out of all later sessions and out of the caches. Returns how many
 * the file names and how many entries of the list are new. Throws InputError.
 */
export async function suppress(node: HalfroomNode, file: string): Promise<{ people: number; added: number }> {
  const { datasets } = await node.rules();
  const definitions = Object.values(datasets).map(({ definition }) => definition);
  let people = 0;
  let added = 0;
  for (const list of listsOf(file, definitions)) {
    const data = await prepareReceiverDataset(list, { match: [KEY], partitions: [] });
    people = Math.max(people, data.people);
    added += node.suppressed.add(data.identifiers, Date.now());
  }
  node.audit.append("suppressed", { added }, Date.now());
  return { people, added };
}

/** The file read under every normalisation that a dataset uses: under another one the same person is another identifier. */
function listsOf(file: string, definitions: readonly Dataset[]): Dataset[] {
  const plain = datasetSchema.parse({
    name: "opt-outs",
    source: { csv: file },
    match: { [KEY]: { columns: KEY } },
  });
  const keys = [plain, ...definitions].flatMap(({ match }) =>
    Object.hasOwn(match, KEY) ? [match[KEY]!] : [],
  );
  const lists = keys.map((key) => ({ ...plain, match: { [KEY]: { ...key, columns: KEY, hashed: false } } }));
  return [...new Map(lists.map((list) => [JSON.stringify(list.match), list])).values()];
}
