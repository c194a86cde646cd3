// node.sqlite is put back from a copy while the head of the audit log stays: nothing is served, run or approved.
import { chmodSync, copyFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TERMS } from "@halfroom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { approve } from "../src/api/index.ts";
import { handleOf } from "../src/api/node.ts";
import { openState } from "../src/node-state.ts";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { openLog } from "../src/serve/log.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { serve } from "../src/serve/serve.ts";
import { scratchFolder } from "./fixtures.ts";
import { twoNodes } from "./two-nodes.ts";

test("an older node.sqlite beside a newer head: with one exact report allowed, none is released again", async () => {
  const one = { policy: { exact: 1 } };
  const { advertiser, run } = await twoNodes({ advertiser: one });
  const older = join(scratchFolder(), "older.sqlite");
  advertiser.store.run("VACUUM INTO ?", older);
  await run("exact: true");
  const home = join(scratchFolder(), "home");
  cpSync(advertiser.folder.path, home, { recursive: true });
  for (const end of ["", "-wal", "-shm"]) rmSync(join(home, `node.sqlite${end}`));
  copyFileSync(older, join(home, "node.sqlite"));
  chmodSync(join(home, "node.sqlite"), 0o600);

  const node = await openState(nodeFolder(home, {}), {});
  onTestFinished(() => node.close());
  const refusal = {
    code: "audit",
    message: expect.stringMatching(/log once ended with entry \d+.*Restore the whole folder from one copy/),
  };
  const plan = await planReport(node, { file: join(home, "roi.yaml") });
  await expect(initiate(node, plan, () => undefined)).rejects.toMatchObject(refusal);
  await expect(serve(node, openLog({ ...node.settings, log_level: "silent" }))).rejects.toMatchObject(
    refusal,
  );
  const proposal = {
    proposal: "0f".repeat(16),
    terms: TERMS,
    initiatedBy: "partner",
    role: "receiver",
  } as const;
  const now = Date.now();
  const { id } = node.sessions.open({ ...proposal, partner: "publisher", now, expiresAt: now + 60_000 });
  node.sessions.hold(id, [], now);
  await expect(approve(handleOf(node), id)).rejects.toMatchObject(refusal);
  expect(node.ledger.entries()).toEqual([]);
});
