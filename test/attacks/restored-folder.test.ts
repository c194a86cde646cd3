// A node's folder is put back as it was before a report: its own ledger no longer has what the report spent. The partner, which has
// completed it, tells so in its signed statement.
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openState, type NodeState } from "../../packages/node/src/node-state.ts";
import { openLog } from "../../packages/node/src/serve/log.ts";
import { serve } from "../../packages/node/src/serve/serve.ts";
import { nodeFolder } from "../../packages/node/src/store/folder.ts";
import { twoNodes, type TwoNodes } from "../../packages/node/test/two-nodes.ts";

const DAY_MS = 86_400_000;
const wide = { policy: { epsilon: 8, budget: 9, lifetime_budget: 100, threshold: 20 } };

/** A copy of the folder as it is now, which the publisher will be restored from. */
function copyOf({ folder }: NodeState): string {
  const copy = join(mkdtempSync(join(tmpdir(), "halfroom-restored-")), "home");
  cpSync(folder.path, copy, { recursive: true });
  return copy;
}

/** The publisher goes on from the copy. */
async function restore({ dial }: TwoNodes, copy: string, clock = Date.now): Promise<NodeState> {
  const node = await openState(nodeFolder(copy, {}), {}, clock);
  onTestFinished(() => node.close());
  const serving = await serve(node, openLog({ ...node.settings, log_level: "silent" }));
  onTestFinished(() => serving.close());
  dial(serving.address);
  return node;
}

/** Of the advertiser, whose partner is the publisher: one that names no session any more. */
const forgetLast = ({ advertiser }: TwoNodes) => advertiser.store.run("UPDATE ledger SET settled = 0");

/** A second report is beyond the publisher's budget; both have their budget for it at the advertiser. */
async function spentThenRestored() {
  const later = { ms: 0 };
  const clock = () => Date.now() + later.ms;
  const nodes = await twoNodes({
    publisher: { ...wide, clock },
    advertiser: { policy: { ...wide.policy, budget: 100 }, clock },
  });
  const copy = copyOf(nodes.publisher);
  const { session } = await nodes.run("epsilon: 8");
  await expect(nodes.run("epsilon: 7")).rejects.toMatchObject({ code: "refused" });
  return { nodes, session, restored: await restore(nodes, copy, clock), later };
}

test("a node's folder is restored, and the partner hides what it completed: it gets the budget a second time", async () => {
  const { nodes } = await spentThenRestored();
  forgetLast(nodes);
  await nodes.run("epsilon: 7");
});

test("a node's folder is restored, and the partner's statement names what it completed: `restored`, then nothing for the rest of the period", async () => {
  const { nodes, session, restored, later } = await spentThenRestored();
  await expect(nodes.run("epsilon: 7")).rejects.toMatchObject({ code: "restored", fromPartner: true });
  expect(restored.missed.isKnown(session)).toBe(true);
  // From now on whatever the partner states.
  forgetLast(nodes);
  await expect(nodes.run("epsilon: 7")).rejects.toMatchObject({
    code: "refused-there",
    reasons: [
      { code: "restored", words: expect.stringMatching(/older copy.* until \d{4}-\d\d-\d\d \d\d:\d\d UTC/) },
    ],
  });
  expect(restored.ledger.entries()).toEqual([]);
  later.ms = 30 * DAY_MS;
  nodes.advertiser.store.run("UPDATE ledger SET settled = 1");
  await nodes.run("epsilon: 7");
});

test("a node with a newer copy than the partner's last session, or whose session failed at its partner, is not bothered", async () => {
  const nodes = await twoNodes({
    publisher: { policy: { ...wide.policy, budget: 100 } },
    advertiser: { policy: { ...wide.policy, budget: 100 } },
  });
  await nodes.run("epsilon: 8");
  const copy = copyOf(nodes.publisher);
  const restored = await restore(nodes, copy);
  restored.store.run("UPDATE ledger SET settled = 0");
  await nodes.run("epsilon: 7");
  forgetLast(nodes);
  await nodes.run("epsilon: 6");
});
