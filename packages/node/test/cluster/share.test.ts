// The folder that leader and workers share: whose it is, and what is left in it.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SessionFolders, Share } from "../../src/cluster/share.ts";
import { temporaryFolder } from "./fixtures.ts";

const bytes = new Uint8Array(Buffer.from("sealed"));

test("it belongs to one node", async () => {
  const share = new Share(temporaryFolder());
  expect(await share.owner()).toBeUndefined();
  await share.claim("aa");
  await share.claim("aa");
  expect(await share.owner()).toBe("aa");
  await expect(share.claim("bb")).rejects.toMatchObject({
    code: "cluster",
    message: expect.stringMatching(/another node.*HALFROOM_SHARE/),
  });
});

test("a folder that is not there, or is none, is refused with the setting named", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  for (const path of [file, `${file}-none`])
    await expect(new Share(path).claim("aa")).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(/HALFROOM_SHARE/),
    });
});

test("files come whole, for the group, and no longer than they may be", async () => {
  const share = new Share(temporaryFolder());
  const session = await new SessionFolders(share, temporaryFolder()).make();
  await share.write(session, "0.in", bytes);
  expect(await share.read(session, "0.in", bytes.length)).toEqual(bytes);
  await expect(share.read(session, "0.in", bytes.length - 1)).rejects.toThrow(RangeError);
  expect(readdirSync(join(share.path, session))).toEqual(["0.in"]);
  expect(statSync(join(share.path, session, "0.in")).mode & 0o777).toBe(0o660);
  expect(statSync(join(share.path, session)).mode & 0o777).toBe(0o770);
  await share.remove(session, "0.in");
  await share.remove(session, "0.in");
  expect(readdirSync(join(share.path, session))).toEqual([]);
});

test("a session that is over takes nothing more, and leaves nothing", async () => {
  const share = new Share(temporaryFolder());
  const locks = temporaryFolder();
  const folders = new SessionFolders(share, locks);
  const session = await folders.make();
  await share.write(session, "0.in", bytes);
  await folders.remove(session);
  await expect(share.write(session, "0.out", bytes)).rejects.toMatchObject({ code: "ENOENT" });
  expect([readdirSync(share.path), readdirSync(locks)]).toEqual([[], []]);
});

test("what a killed process left is swept; what a living one has, and what is not ours, stays", async () => {
  const share = new Share(temporaryFolder());
  const locks = temporaryFolder();
  const living = await new SessionFolders(share, locks).make();
  const [withLock, without, lockAlone] = ["1", "2", "3"].map((digit) => digit.repeat(32));
  for (const left of [withLock!, without!]) {
    mkdirSync(join(share.path, left));
    writeFileSync(join(share.path, left, "0.in"), bytes);
  }
  for (const left of [withLock!, lockAlone!]) writeFileSync(join(locks, `${left}.lock`), "", { mode: 0o600 });
  mkdirSync(join(share.path, "somebody-elses"));
  expect(await new SessionFolders(share, locks).sweep()).toBe(3);
  expect(readdirSync(share.path).toSorted()).toEqual([living, "somebody-elses"].toSorted());
  expect(existsSync(join(locks, `${living}.lock`))).toBe(true);
  expect(readdirSync(locks)).toHaveLength(1);
});
