// What leader and workers share, as a folder and as a place in an object store: whose it is, and what is left in it.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { openClient } from "@halfroom/prepare/s3";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { openStore, type TestStore } from "../../../prepare/test/object-store.ts";
import { openShare } from "../../src/cluster/open-share.ts";
import { SessionFolders } from "../../src/cluster/session-folders.ts";
import { claimShare, SessionOver, type Share } from "../../src/cluster/share.ts";
import { temporaryFolder } from "./fixtures.ts";

const bytes = new Uint8Array(Buffer.from("sealed"));
const BUCKET = "halfroom-share";

let store: TestStore;
beforeAll(async () => {
  store = await openStore(BUCKET);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await store.close();
});

/** A share of its own, and what is seen of it from outside: names by their place in it. */
interface Seen {
  readonly share: Share;
  names(): Promise<string[]>;
  /** Leaves a file there, as a process does that was killed. */
  leave(name: string): Promise<void>;
  /** Takes one away, as a leader does that ends the session. */
  takeAway(name: string): Promise<void>;
}

async function folder(): Promise<Seen> {
  const path = temporaryFolder();
  return {
    share: await openShare(path),
    names: async () => {
      const entries = readdirSync(path, { recursive: true, encoding: "utf8" });
      return entries.filter((name) => statSync(join(path, name)).isFile()).toSorted();
    },
    leave: async (name) => {
      mkdirSync(join(path, name, ".."), { recursive: true });
      writeFileSync(join(path, name), bytes);
    },
    takeAway: async (name) => (await openShare(path)).removeAll(name.split("/")[0]!),
  };
}

let places = 0;
async function objects(): Promise<Seen> {
  for (const [name, value] of Object.entries(store.variables)) vi.stubEnv(name, value);
  const prefix = `clean/${places++}`;
  const share = await openShare(`s3://${BUCKET}/${prefix}`);
  const client = openClient({ connectMs: 1000, silentMs: 10_000 });
  onTestFinished(() => {
    share.close();
    client.destroy();
  });
  return {
    share,
    names: async () => (await store.keys(`${prefix}/`)).map((key) => key.slice(prefix.length + 1)),
    leave: (name) => store.put(`${prefix}/${name}`, bytes),
    takeAway: async (name) => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${name}` }));
    },
  };
}

describe.each([
  ["a folder", folder],
  ["objects", objects],
])("%s", (_kind, opened) => {
  test("it belongs to one node", async () => {
    const { share, names } = await opened();
    expect(await share.owner()).toBeUndefined();
    await claimShare(share, "aa");
    await claimShare(share, "aa");
    expect(await share.owner()).toBe("aa");
    await expect(claimShare(share, "bb")).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(/another node.*HALFROOM_SHARE/),
    });
    expect(await names()).toEqual(["halfroom-node"]);
  });

  test("files come whole, and no longer than they may be", async () => {
    const { share } = await opened();
    const session = await new SessionFolders(share, temporaryFolder()).make();
    expect(await share.read(session, "0.in", bytes.length)).toBeUndefined();
    expect(await share.hasFile(session, "0.in")).toBe(false);
    await share.write(session, "0.in", bytes);
    expect(await share.hasFile(session, "0.in")).toBe(true);
    expect(await share.read(session, "0.in", bytes.length)).toEqual(bytes);
    await expect(share.read(session, "0.in", bytes.length - 1)).rejects.toThrow(RangeError);
    await share.remove(session, "0.in");
    await share.remove(session, "0.in");
    expect(await share.read(session, "0.in", bytes.length)).toBeUndefined();
  });

  test("a session that is over takes nothing more, and leaves nothing", async () => {
    const { share, names } = await opened();
    const locks = temporaryFolder();
    const folders = new SessionFolders(share, locks);
    const session = await folders.make();
    await share.write(session, "0.in", bytes);
    expect([await share.has(session), await share.sessions()]).toEqual([true, [session]]);
    await folders.remove(session);
    await expect(share.write(session, "0.out", bytes)).rejects.toThrow(SessionOver);
    expect([await share.has(session), await share.sessions()]).toEqual([false, []]);
    expect([await names(), readdirSync(locks)]).toEqual([[], []]);
  });

  test("what a killed process left is swept; what a living one has, and what is not ours, stays", async () => {
    const { share, names, leave } = await opened();
    const locks = temporaryFolder();
    const living = await new SessionFolders(share, locks).make();
    await share.write(living, "0.in", bytes);
    const [withLock, without, lockAlone] = ["1", "2", "3"].map((digit) => digit.repeat(32));
    for (const left of [withLock!, without!]) await leave(`${left}/0.in`);
    for (const left of [withLock!, lockAlone!])
      writeFileSync(join(locks, `${left}.lock`), "", { mode: 0o600 });
    await leave("somebody-elses/file");
    expect(await new SessionFolders(share, locks).sweep()).toBe(3);
    expect(await share.sessions()).toEqual([living]);
    expect(await names()).toEqual(expect.arrayContaining([`${living}/0.in`, "somebody-elses/file"]));
    expect(existsSync(join(locks, `${living}.lock`))).toBe(true);
    expect(readdirSync(locks)).toHaveLength(1);
  });
});

test("a folder's files are for the group", async () => {
  const { share, names } = await folder();
  const session = await new SessionFolders(share, temporaryFolder()).make();
  await share.write(session, "0.in", bytes);
  expect(await names()).toEqual([`${session}/0.in`]);
  expect(statSync(join(share.name, session, "0.in")).mode & 0o777).toBe(0o660);
  expect(statSync(join(share.name, session)).mode & 0o7777).toBe(0o2770);
});

test("a folder that is not there, or is none, is refused with the setting named", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  for (const path of [file, `${file}-none`])
    await expect(claimShare(await openShare(path), "aa")).rejects.toMatchObject({
      code: "cluster",
      message: expect.stringMatching(/HALFROOM_SHARE/),
    });
});

test("a place in a store that cannot be used is refused with bucket, reason and setting named", async () => {
  const refusal = async (name: string, variables: Readonly<Record<string, string>>) => {
    for (const [variable, value] of Object.entries({ ...store.variables, ...variables }))
      vi.stubEnv(variable, value);
    const share = await openShare(name);
    onTestFinished(() => share.close());
    return await claimShare(share, "aa").then(
      () => "it is taken",
      (error: Error & { code: string }) => `${error.code} ${error.message}`,
    );
  };
  expect(await refusal("s3://nowhere-at-all/x", {})).toMatch(
    /^cluster Cannot use s3:\/\/nowhere-at-all\/x, which `share` \(HALFROOM_SHARE\) names. The reason is NoSuchBucket: check bucket/,
  );
  const stranger = await refusal(`s3://${BUCKET}/x`, { AWS_ACCESS_KEY_ID: "NOBODYS" });
  expect(stranger).toMatch(/The reason is InvalidAccessKeyId: set AWS_ACCESS_KEY_ID/);
  expect(stranger).not.toMatch(/NOBODYS|S3RVER/);
  const nobodyThere = { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" };
  expect(await refusal(`s3://${BUCKET}/x`, nobodyThere)).toMatch(/The reason is ECONNREFUSED: check bucket/);
});

test("what was written while its session was removed is removed by who wrote it", async () => {
  const { share, names, takeAway } = await objects();
  const session = await new SessionFolders(share, temporaryFolder()).make();
  await share.write(session, "0.in", bytes);
  // The leader has taken the mark away, and looked what is there, before the worker's file came.
  await takeAway(`${session}/open`);
  await takeAway(`${session}/0.in`);
  await expect(share.write(session, "0.out", bytes)).rejects.toThrow(SessionOver);
  expect(await names()).toEqual([]);
});

test("a place with many files is removed whole", async () => {
  const { share, names, leave } = await objects();
  const session = await new SessionFolders(share, temporaryFolder()).make();
  for (let i = 0; i < 40; i++) await leave(`${session}/${i}.out`);
  await share.removeAll(session);
  expect(await names()).toEqual([]);
});
