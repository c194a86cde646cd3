// Backups, heads of the audit log and the recovery key over HTTP.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRecoveryKey, readAudit, restore } from "@halfroom/node";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, onTestFinished, test } from "vitest";
import type { JobEvent } from "../src/client.ts";
import { openSite } from "./site.ts";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-backups-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a backup is a job: it tells how far it is, stays on the node, and is restored as the command would", async () => {
  const site = await openSite();
  const admin = await site.client("administrator");
  const identities = await generateX25519Identity();
  const recipients = [await identityToRecipient(identities)];
  expect(await admin.listBackups()).toMatchObject({ backups: [] });
  const begun = await admin.startBackup({ name: "nightly", recipients });
  expect(begun).toMatchObject({ kind: "backup", state: "running" });
  // One at a time, and it cannot be left half made.
  await expect(admin.startBackup({ recipients })).rejects.toMatchObject({ problem: { code: "too-often" } });
  await expect(admin.cancelJob({ id: begun.id })).rejects.toMatchObject({
    problem: { code: "session-state" },
  });
  const events: JobEvent[] = [];
  for await (const { data } of await admin.watchJob({ id: begun.id })) events.push(data);
  const told = new Set(events.map((event) => (event.type === "progress" ? event.name : event.type)));
  expect([...told].slice(-2)).toEqual(["encrypt", "ended"]);
  const job = await admin.showJob({ id: begun.id });
  expect(job).toMatchObject({ state: "done", backup: { name: "nightly", head: expect.any(String) } });
  expect(job.result).toBeUndefined();
  const { folder, backups } = await admin.listBackups();
  expect(backups).toMatchObject([{ name: "nightly", bytes: job.backup!.bytes }]);
  const home = join(place(), "restored");
  const file = join(folder, "nightly.age");
  await restore(file, { folder: home, keys: { identities } });
  const entry = (await readAudit(site.node)).find(({ kind }) => kind === "backed-up");
  expect(entry!.facts).toMatchObject({ for: "recipients", actor: begun.caller });
  // Whatever is wrong with it is said before a job begins.
  const jobs = await admin.listJobs();
  const wrongs: [Parameters<typeof admin.startBackup>[0], string][] = [
    [{ name: "nightly", recipients }, "file"],
    [{ recipients: ["age1none"] }, "backup-key"],
  ];
  for (const [wrong, code] of wrongs)
    await expect(admin.startBackup(wrong)).rejects.toMatchObject({ problem: { code, status: 422 } });
  expect(await admin.listJobs()).toEqual(jobs);
});

test("a line of heads is text to append, and proves what was spent as the command's does", async () => {
  const site = await openSite();
  const auditor = await site.client("auditor");
  expect(await auditor.showAuditHead()).toMatch(
    new RegExp(`^\\d{4}-\\S+Z 2 [0-9a-f]{64} 0 ${site.node.fingerprint}\\n$`),
  );
});

test("of a recovery key the node is told the public half alone, and no number to which anybody could open", async () => {
  const site = await openSite();
  const admin = await site.client("administrator");
  expect(await admin.showRecoveryKey()).toEqual({ publicKey: null });
  const { publicKey } = await makeRecoveryKey(join(place(), "recovery.key"));
  expect(await admin.useRecoveryKey({ publicKey })).toEqual({ publicKey });
  expect(await admin.showRecoveryKey()).toEqual({ publicKey });
  expect((await readAudit(site.node)).at(-1)!.facts).toMatchObject({ setting: "recovery_key", publicKey });
  for (const none of ["0".repeat(64), "x".repeat(64), publicKey.toUpperCase().replace(/^./, "G")])
    await expect(admin.useRecoveryKey({ publicKey: none })).rejects.toMatchObject({
      problem: { code: "recovery-key" },
    });
  expect(await admin.showRecoveryKey()).toEqual({ publicKey });
});
