// What a node forgets in time: keys and caches with their epoch, reports, invitations, proposals that nobody answered.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TERMS, keepPseudonyms } from "@halfroom/testkit";
import { GroupPool, packRows, systemRng } from "@halfroom/crypto";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { openState, tidy } from "../src/node-state.ts";
import { hpkePublicKey } from "../src/vault/hpke.ts";
import type { KeptSecrets } from "../src/replay/kept-sessions.ts";
import { emptyFolder } from "./home.ts";

const PUBLISHER = { key: "ab".repeat(32), name: "publisher" };
const DAY_MS = 86_400_000;
const pool = await GroupPool.open(0);
afterAll(() => pool.close());

test("the end of an epoch, of the time of reports, invitations and proposals", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  const start = Date.now();
  const { epochs, caches, reports, invitations, sessions, audit, store } = node;
  const first = epochs.current(PUBLISHER, pool.kernel, systemRng, start);
  expect(first.endsAt).toBe(start + 30 * DAY_MS);
  const person = packRows([Buffer.from("a person")]);
  const cache = caches.open(PUBLISHER, first.publicKey, first.endsAt, start);
  await keepPseudonyms(cache, person, new Uint8Array(64).fill(1));
  const report = { session: "aa", request: "r", data: "d", json: "{}", createdAt: start };
  reports.add({ ...report, partner: PUBLISHER.name, partnerKey: PUBLISHER.key });
  invitations.open("guest", start + DAY_MS);
  const proposal = { partner: "publisher", proposal: "0f".repeat(16), terms: TERMS } as const;
  const { id } = sessions.open({
    ...proposal,
    initiatedBy: "partner",
    role: "receiver",
    now: start,
    expiresAt: start + DAY_MS / 2,
  });
  const secrets = () => store.all("SELECT 1 FROM epoch WHERE secret_key IS NOT NULL").length;
  const cached = () =>
    [store.all("SELECT 1 FROM cache"), store.all("SELECT 1 FROM pseudonyms")].map((rows) => rows.length);

  tidy(node, start + DAY_MS / 4);
  expect([secrets(), ...cached(), reports.list().length]).toEqual([1, 1, 1, 1]);
  expect(invitations.anyOpen(start + DAY_MS / 4)).toBe(true);
  expect(sessions.get(id).state).toBe("proposed");

  tidy(node, start + 2 * DAY_MS);
  expect(sessions.get(id)).toMatchObject({ state: "refused", reasons: [{ code: "lapsed" }] });
  expect(store.all("SELECT 1 FROM invitation")).toEqual([]);
  expect([secrets(), ...cached(), reports.list().length]).toEqual([1, 1, 1, 1]);

  const later = start + 30 * DAY_MS;
  tidy(node, later);
  expect([secrets(), ...cached(), reports.list().length]).toEqual([0, 0, 0, 0]);
  const [last] = audit.entries().slice(-1);
  expect(last).toMatchObject({ kind: "epoch-ended", facts: { partner: "publisher", epoch: 1 } });
  const second = epochs.current(PUBLISHER, pool.kernel, systemRng, later);
  expect(second.number).toBe(2);
  expect(second.publicKey).not.toEqual(first.publicKey);
  expect(epochs.granted(PUBLISHER.key, later)).toBe(0);
});

test("what a replay needs is forgotten after its time, and the node still opens", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  const { kept } = node;
  const start = Date.now();
  const [old, young] = ["0a".repeat(32), "0b".repeat(32)];
  const key = hpkePublicKey(systemRng.bytes(32));
  kept.keep(old, key, keptSecrets(), start);
  kept.keep(young, key, keptSecrets(), start + DAY_MS);
  const sealed = Buffer.from(kept.get(old)!.sealed);
  tidy(node, start + 30 * DAY_MS - 1);
  expect(kept.get(old)).toBeDefined();
  tidy(node, start + 30 * DAY_MS);
  expect([kept.get(old), kept.get(young)?.keptAt]).toEqual([undefined, start + DAY_MS]);
  // Neither in the file nor in its log.
  for (const name of ["node.sqlite", "node.sqlite-wal"])
    expect(readFileSync(join(folder.path, name)).includes(sealed.subarray(0, 32))).toBe(false);
});

function keptSecrets(): KeptSecrets {
  const bytes = () => systemRng.bytes(32);
  const secrets = {
    nonce: bytes(),
    seed: bytes(),
    noTag: bytes(),
    partnersTag: bytes(),
    salts: { data: bytes(), filter: bytes(), seed: bytes() },
    epoch: undefined,
    partnerKey: bytes(),
    missing: Uint32Array.of(1, 2),
    filter: "",
    roundPeopleTo: 1,
    stored: [],
  };
  return { secrets, everybody: bytes() };
}

test("proposals that came to nothing are forgotten in time, a thousand at once, and those that were signed are not", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, { HALFROOM_REFUSED_DAYS: "2" });
  onTestFinished(() => node.close());
  const { sessions, store } = node;
  const start = Date.now();
  const open = (i: number) => {
    const proposal = i.toString(16).padStart(32, "0");
    const lasting = { now: start, expiresAt: start + DAY_MS };
    return sessions.open({
      partner: "stranger",
      proposal,
      terms: TERMS,
      initiatedBy: "partner",
      role: "sender",
      ...lasting,
    });
  };
  store.transaction(() => {
    for (let i = 0; i < 1200; i++) {
      const { id } = open(i);
      if (i % 2 === 0) sessions.refuse(id, [{ code: "no-policy", words: "no" }], start);
      else sessions.fail(id, "closed", start);
    }
    for (const [i, state] of ["failed", "done"].entries()) {
      const { id } = open(5000 + i);
      store.run("UPDATE session SET state = ?, session = ? WHERE id = ?", state, `5e55${i}`, id);
    }
  });
  const left = () => store.get<{ n: number }>("SELECT count(*) AS n FROM session")!.n;
  tidy(node, start + 3 * DAY_MS - 1);
  expect(left()).toBe(1202);
  tidy(node, start + 3 * DAY_MS);
  expect(left()).toBe(202);
  tidy(node, start + 3 * DAY_MS);
  expect(left()).toBe(2);
});
