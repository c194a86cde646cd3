// Backups whose contents do not belong together, are of other versions, or were edited.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Encrypter } from "age-encryption";
import { create } from "tar";
import { expect, onTestFinished, test } from "vitest";
import { backup, restore } from "../src/api/index.ts";
import { withState } from "../src/api/node.ts";
import { ABOUT, LATER_FILES, NODE_FILES } from "../src/backup/contents.ts";
import { readHead } from "../src/audit/head.ts";
import { STEPS } from "../src/store/schema.ts";

import { backedUp } from "./backed-up.ts";

async function sealedBy(
  recipients: readonly string[],
  folder: string,
  names: readonly string[],
  file: string,
) {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const archive = create({ cwd: folder, portable: true, sync: true, preservePaths: true }, [...names]);
  writeFileSync(file, await encrypter.encrypt(archive.read() as Uint8Array));
}

/** The files of a backup in a folder, in the clear. */
async function opened() {
  const { node, file, place, recipients, keys } = await backedUp();
  const folder = join(place, "plain");
  mkdirSync(join(folder, "keys"), { recursive: true });
  const restored = join(place, "restored");
  await restore(file, { folder: restored, keys });
  for (const name of NODE_FILES) copyFileSync(join(restored, name), join(folder, name));
  const head = readHead(restored)!;
  const about = {
    format: 1,
    store: STEPS.length,
    fingerprint: node.fingerprint,
    createdAt: 1,
    entries: head.number,
    head: head.hash,
  };
  writeFileSync(join(folder, ABOUT), JSON.stringify(about));
  const tried = async (names: readonly string[] = [ABOUT, ...NODE_FILES]) => {
    await sealedBy(recipients, folder, names, join(place, "made.age"));
    const home = join(place, "home");
    const outcome = await restore(join(place, "made.age"), { folder: home, keys }).catch(
      (error: unknown) => error,
    );
    return { outcome, home };
  };
  return { folder, about, tried };
}

test("what a backup says and holds has to be of one node, and of a version that is known", async () => {
  const { folder, about, tried } = await opened();
  const say = (changes: object) =>
    writeFileSync(join(folder, ABOUT), JSON.stringify({ ...about, ...changes }));
  for (const [changes, code] of [
    [{ format: 2 }, "newer-store"],
    [{ store: STEPS.length + 1 }, "newer-store"],
    [{ head: "0f".repeat(32) }, "audit"],
    [{ fingerprint: "0f".repeat(32) }, "damaged"],
    [{ entries: 0 }, "backup"],
  ] as const) {
    say(changes);
    const { outcome, home } = await tried();
    expect(outcome, JSON.stringify(changes)).toMatchObject({ code });
    expect(existsSync(home)).toBe(false);
  }
  say({});
  expect((await tried(NODE_FILES)).outcome).toMatchObject({ code: "backup" });
  expect((await tried([ABOUT, ...NODE_FILES.slice(1)])).outcome).toMatchObject({ code: "backup" });
  writeFileSync(join(folder, "authorized_keys"), "ssh-ed25519");
  const { outcome, home } = await tried([ABOUT, ...NODE_FILES, "authorized_keys"]);
  expect(outcome).toMatchObject({ code: "backup" });
  expect(existsSync(home)).toBe(false);
  expect((await tried()).outcome).toMatchObject({ lost: "unknown" });
});

test("a store of an earlier version is brought up to date, one of a later version stays out", async () => {
  const { folder, tried } = await opened();
  const file = join(folder, "node.sqlite");
  const as = (version: number, ...statements: string[]) => {
    const db = new DatabaseSync(file);
    db.exec([...statements, `PRAGMA user_version = ${version}`].join(";"));
    db.close();
  };
  as(STEPS.length + 1);
  expect((await tried()).outcome).toMatchObject({ code: "newer-store" });
  // As before the tables of workers, of the HTTP API, of people, of events, of series and templates, and of rotation.
  const tables = ["worker", "api_token", "answered", "job", "user", "sign_in", "approval", "person_way"];
  const series = ["seen_tags", "seen", "series_run", "series", "template", "template_run"];
  const events = ["delivery", "event", "event_once", "session_sink"];
  const rotation = ["own_identity", "successor", "succession", "vault_root", "vault_key"];
  const lines = ["line_bytes_per_second", "line_measured_at"];
  const columns = ["owner_key", "certificate_number", "succession_number", ...lines];
  as(
    17,
    ...[...tables, ...events, ...rotation, ...series].map((table) => `DROP TABLE ${table}`),
    ...columns.map((column) => `ALTER TABLE partner DROP COLUMN ${column}`),
  );
  const files = [ABOUT, ...NODE_FILES].filter((name) => !LATER_FILES.includes(name));
  const { outcome, home } = await tried(files);
  expect(outcome).toMatchObject({ lost: "unknown" });
  const db = new DatabaseSync(join(home, "node.sqlite"), { readOnly: true });
  onTestFinished(() => db.close());
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: STEPS.length });
});

test("a log that was changed before the backup is not made good by it", async () => {
  const { node, place, recipients } = await backedUp();
  await withState(node, ({ store }) => {
    store.run("UPDATE audit SET facts = '{}' WHERE number = 1");
  });
  const edited = join(place, "edited.age");
  await backup(node, edited, { recipients });
  await withState(node, ({ store }) => {
    store.run("DELETE FROM audit WHERE number > 1");
  });
  await expect(backup(node, join(place, "cut.age"), { recipients })).rejects.toMatchObject({ code: "audit" });
  expect(existsSync(join(place, "cut.age"))).toBe(false);
});
