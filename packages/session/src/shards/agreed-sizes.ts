// How many shards a session has, from what both signed.
import type { AgreementContent } from "../agreement/agreement.ts";
import { itemsPerPerson } from "../terms/bounds.ts";
import { shardSizes, type ShardSizes } from "./sizes.ts";

export function sizesOf({ terms, sender, receiver }: AgreementContent): ShardSizes {
  const each = itemsPerPerson(terms);
  return shardSizes(sender.people * each, receiver.people * each, terms.shardPeople);
}
