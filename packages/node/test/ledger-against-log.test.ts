// Rows of the ledger, and of evaluations, that are deleted or changed: the log knows better, and nothing is spent until they are back.
import { TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { doctor } from "../src/api/doctor.ts";
import { handleOf } from "../src/api/node.ts";
import { approve, verifyLedger } from "../src/api/index.ts";
import { ledgerGaps } from "../src/ledger/against-log.ts";
import type { NodeState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { twoNodes } from "./two-nodes.ts";

/** Does `work` with the store changed, and changes it back. */
function meanwhile({ store }: NodeState, change: string, work: () => void): void {
  const back = new Error("roll back");
  expect(() =>
    store.transaction(() => {
      expect(store.run(change)).toBe(1);
      work();
      throw back;
    }),
  ).toThrow(back);
}

test("each row, and each column that something is counted by, is held against the log", async () => {
  const generous = { policy: { epsilon: 8, budget: 8, threshold: 20 } };
  const { advertiser, run } = await twoNodes({ advertiser: generous, publisher: generous });
  await run("epsilon: 8");
  const changes = {
    "budget-taken": [
      "DELETE FROM ledger",
      "UPDATE ledger SET micro_epsilon = micro_epsilon - 1",
      "UPDATE ledger SET pico_rho = '0'",
      "UPDATE ledger SET numbers = numbers - 1",
      "UPDATE ledger SET bits = bits - 1",
      "UPDATE ledger SET pico_rho = 'none'",
      "UPDATE ledger SET mode = 'exact'",
      "UPDATE ledger SET taken_at = taken_at - 1",
      "UPDATE ledger SET population = 'others'",
      "UPDATE ledger SET partner_key = 'somebody'",
    ],
    "evaluations-granted": [
      "DELETE FROM evaluation",
      "UPDATE evaluation SET evaluations = evaluations - 1",
      "UPDATE evaluation SET epoch = epoch + 1",
      "UPDATE evaluation SET partner_key = 'somebody'",
    ],
  } as const;
  for (const kind of ["budget-taken", "evaluations-granted"] as const) {
    const [entry] = advertiser.audit.ofKind(kind);
    for (const change of changes[kind]) {
      meanwhile(advertiser, change, () =>
        expect(ledgerGaps(advertiser), change).toEqual([
          { number: entry!.number, words: expect.stringMatching(`^${kind}: `) },
        ]),
      );
    }
  }
  expect(ledgerGaps(advertiser)).toEqual([]);
});

test.each(["ledger", "evaluation"])(
  "rows deleted from %s: each command says so, and none spends anything",
  async (table) => {
    const { advertiser, run } = await twoNodes();
    await run();
    advertiser.store.run(`DELETE FROM ${table}`);
    const node = handleOf(advertiser);
    expect(await verifyLedger(node)).toHaveLength(1);
    const found = (await doctor(node)).filter(({ state }) => state === "fault").map(({ what }) => what);
    expect(found).toContain("ledger");

    const remedy = /restore node\.sqlite from a backup/;
    const refusal = { code: "ledger", message: expect.stringMatching(remedy) };
    await expect(run("exact: true\nresult: us")).rejects.toMatchObject(refusal);
    const log = openLog({ ...advertiser.settings, log_level: "silent" });
    await expect(serve(advertiser, log)).rejects.toMatchObject(refusal);
    const { id } = advertiser.sessions.open({
      partner: "publisher",
      proposal: "0f".repeat(16),
      terms: TERMS,
      initiatedBy: "partner",
      role: "receiver",
      now: Date.now(),
      expiresAt: Date.now() + 60_000,
    });
    advertiser.sessions.hold(id, [], Date.now());
    await expect(approve(node, id)).rejects.toMatchObject(refusal);
    expect(advertiser.sessions.get(id).state).toBe("held");
  },
);

test("a node that serves already refuses what is proposed, once rows are gone", async () => {
  const { publisher, run } = await twoNodes();
  await run();
  publisher.store.run("DELETE FROM ledger");
  await expect(run("exact: true\nresult: us")).rejects.toMatchObject({ code: "internal" });
  expect(publisher.ledger.entries()).toEqual([]);
});
