// Money after a restore: a node that is put back from a backup cannot spend what it spent after the backup was made.
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, onTestFinished, test } from "vitest";
import { doctor, readBudgets } from "../src/api/index.ts";
import { handleOf } from "../src/api/node.ts";
import { appendHead, headOf } from "../src/backup/heads.ts";
import { makeBackup } from "../src/backup/make-backup.ts";
import { restoreBackup, type RestoredNode } from "../src/backup/restore.ts";
import { restoredOf, spentUntil } from "../src/ledger/restored.ts";
import { openState, type NodeState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { scratchFolder } from "./fixtures.ts";
import { twoNodes, type SiteChanges } from "./two-nodes.ts";

const DAY_MS = 86_400_000;
const LIFETIME = 100;
const wide = { policy: { epsilon: 8, budget: 9, lifetime_budget: LIFETIME, threshold: 20 } };
const quiet = () => undefined;

/** Two nodes under one clock that a test moves; the publisher, which serves, is the one that is lost and restored. */
async function scene(publisher: SiteChanges = wide) {
  const later = { ms: 0 };
  const clock = () => Date.now() + later.ms;
  const nodes = await twoNodes({
    publisher: { ...publisher, clock },
    advertiser: { policy: { ...wide.policy, budget: 100, exact: 1000 }, clock },
  });
  const place = scratchFolder();
  const file = join(place, "publisher.age");
  const heads = join(place, "heads");
  const identities = await generateX25519Identity();
  const recipients = [await identityToRecipient(identities)];
  const last: { node: NodeState } = { node: nodes.publisher };
  let restores = 0;
  return {
    ...nodes,
    later,
    heads,
    backUp: () => makeBackup(nodes.publisher, file, { recipients }, quiet),
    async saveHead() {
      later.ms += 1000;
      const { audit, identity } = last.node;
      await appendHead(heads, headOf(audit, identity.fingerprint, clock()));
    },
    /** The publisher ends for good, and goes on from the backup. */
    async restore(withHeads?: string): Promise<RestoredNode & { readonly node: NodeState }> {
      later.ms += 1000;
      const folder = nodeFolder(join(place, `home${restores++}`), {});
      // As a new volume is.
      mkdirSync(folder.path);
      chmodSync(folder.path, 0o755);
      const options = { keys: { identities }, heads: withHeads, now: clock() };
      const restored = await restoreBackup(folder, file, options);
      writeFileSync(
        join(folder.path, "exposures.csv"),
        Array.from({ length: 60 }, (_, i) => `p${i}@example.com,${i < 52 ? "spring" : "autumn"}`).reduce(
          (text, row) => `${text}${row}\n`,
          "email,campaign\n",
        ),
      );
      const node = await openState(folder, {}, clock);
      onTestFinished(() => node.close());
      const serving = await serve(node, openLog({ ...node.settings, log_level: "silent" }));
      onTestFinished(() => serving.close());
      nodes.dial(serving.address);
      last.node = node;
      return { ...restored, node };
    },
    /** So that nothing but the restored node itself knows that something is missing. */
    forget: () => nodes.advertiser.store.run("UPDATE ledger SET settled = 0"),
  };
}

const refused = (code: string) => ({
  code: "refused-there",
  reasons: expect.arrayContaining([expect.objectContaining({ code })]),
});

test("what was spent after the backup cannot be spent again: not in the period, and for all time not at all", async () => {
  const { run, backUp, restore, forget, later } = await scene();
  const made = await backUp();
  await run("epsilon: 8");
  await expect(run("epsilon: 7")).rejects.toMatchObject({ code: "refused" });
  const { node, lost, entries } = await restore();
  expect({ lost, entries }).toEqual({ lost: "unknown", entries: made.entries });
  expect(statSync(node.folder.path).mode & 0o777).toBe(0o700);
  expect(node.audit.lastOf("restored")?.facts).toMatchObject({ lost: "unknown", entries });
  expect(node.audit.verify().faults).toEqual([]);
  forget();
  await expect(run("epsilon: 7")).rejects.toMatchObject(refused("restored"));
  await expect(run("exact: true")).rejects.toMatchObject(refused("restored"));
  const [period] = await readBudgets(handleOf(node));
  expect(period).toMatchObject({
    period: { left: 0 },
    everybody: { left: 0 },
    lifetime: { left: 0 },
    numbers: { left: 0 },
    exact: { left: 0 },
  });
  expect(period!.period.backAt).toBe(node.audit.lastOf("restored")!.at + 30 * DAY_MS);
  expect(await doctor(handleOf(node))).toContainEqual(
    expect.objectContaining({ what: "restored", state: "warning" }),
  );

  later.ms += 30 * DAY_MS - 60_000;
  await expect(run("epsilon: 7")).rejects.toMatchObject(refused("restored"));
  later.ms += 60_000;
  // Words, and no reason: a report that is stored could still be served.
  await expect(run("epsilon: 7"), "for all time").rejects.toMatchObject({ code: "refused" });
  await run("exact: true");
});

test("a budget for all time that is raised afterwards is spent from where the restore left it", async () => {
  const { run, backUp, restore, later, forget } = await scene();
  await backUp();
  const { node } = await restore();
  later.ms += 31 * DAY_MS;
  forget();
  const { configFile } = node.folder;
  const raised = readFileSync(configFile, "utf8").replace(
    `"lifetime_budget":${LIFETIME}`,
    `"lifetime_budget":130`,
  );
  writeFileSync(configFile, raised);
  await run("epsilon: 8");
  // 120 is what a policy has that says nothing of it: the highest of the time.
  const { lifetime } = (await readBudgets(handleOf(node)))[0]!;
  expect(lifetime).toMatchObject({ budget: 130e6 });
  expect(lifetime.spent).toBeGreaterThan(120e6);
});

test("with a head that proves that nothing was spent, all that was left is left; receipts of the partner still add", async () => {
  const { run, backUp, restore, saveHead, heads, forget, advertiser } = await scene({
    policy: { ...wide.policy, budget: 16 },
  });
  await run("epsilon: 8");
  await backUp();
  await saveHead();
  const { lost, later, provenTo, node } = await restore(heads);
  expect({ lost, later }).toEqual({ lost: "nothing", later: 0 });
  expect(provenTo).toBeDefined();
  forget();
  await run("epsilon: 7");
  // A session that only the partner knows.
  await saveHead();
  advertiser.store.run("UPDATE ledger SET settled = 1");
  const older = await restore(heads).catch((error: unknown) => error);
  expect(older, "the head is one of after the session").toMatchObject({
    lost: "unknown",
    later: expect.any(Number),
  });
  expect((older as { later: number }).later).toBeGreaterThan(0);
  expect(node.audit.verify().faults).toEqual([]);
  await expect(run("epsilon: 6")).rejects.toMatchObject(refused("restored"));
});

test("a log that went on without anything spent proves it too", async () => {
  const { backUp, restore, saveHead, heads, run, publisher } = await scene();
  await backUp();
  publisher.audit.append("config-changed", { what: "policies" }, Date.now());
  await saveHead();
  expect(await restore(heads)).toMatchObject({ lost: "nothing", later: 1 });
  await run("epsilon: 8");
});

test("a head from before the backup, or of another node, proves nothing and is refused", async () => {
  const { backUp, restore, saveHead, heads, publisher } = await scene();
  await saveHead();
  const { createdAt, entries, head } = await backUp();
  await expect(restore(heads)).rejects.toMatchObject({
    code: "backup",
    message: expect.stringMatching(/before/),
  });
  const { fingerprint } = publisher.identity;
  const line = { at: createdAt, number: entries, hash: head, spent: 0, fingerprint };
  await appendHead(heads, line);
  await expect(restore(heads), "not later than the backup").rejects.toMatchObject({ code: "backup" });
  await appendHead(heads, { ...line, at: createdAt + 1, fingerprint: "0f".repeat(32) });
  await expect(restore(heads)).rejects.toMatchObject({
    code: "backup",
    message: expect.stringMatching(/another log/),
  });
  await appendHead(heads, { ...line, at: createdAt + 1, hash: "0f".repeat(32) });
  await expect(restore(heads)).rejects.toMatchObject({
    code: "backup",
    message: expect.stringMatching(/another log/),
  });
  writeFileSync(heads, `${entries} ${head}`);
  await expect(restore(heads), "a line that is cut").rejects.toMatchObject({ code: "file" });
  // As the broken disk's audit.head has it.
  writeFileSync(heads, `${entries} ${head}\n`);
  expect(await restore(heads)).toMatchObject({ lost: "nothing" });
});

test("evaluations count as used up until every epoch is over in which some may have been granted", async () => {
  const short = { policy: { ...wide.policy, period_days: 1, exact: 1000 } };
  const { backUp, restore, later, advertiser, publisher, run } = await scene(short);
  await backUp();
  const { node } = await restore();
  later.ms += 2 * DAY_MS;
  await run("exact: true");
  expect(spentUntil(restoredOf(node.audit)!, 1, true)).toBe(node.audit.lastOf("restored")!.at + 30 * DAY_MS);
  expect(restoredOf(publisher.audit)).toBeUndefined();
  expect(restoredOf(advertiser.audit)).toBeUndefined();
});
