// The node's keys on disk.
import { X509Certificate } from "node:crypto";
import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { verifySignature } from "@halfroom/session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { assertNode, createFolder } from "../src/store/folder.ts";
import { loadIdentity } from "../src/identity/identity.ts";
import { OperatorError } from "../src/errors.ts";
import { emptyFolder, makeHome, type Home } from "./home.ts";

let home: Home;
let other: Home;
beforeAll(async () => {
  [home, other] = await Promise.all([makeHome(), makeHome()]);
});
afterAll(() => [home, other].forEach(({ store }) => store.close()));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("keys are for their owner alone and load to the same identity", async () => {
  const { folder, identity } = home;
  expect(modeOf(folder.path)).toBe(0o700);
  for (const file of [folder.signingKeyFile, folder.tlsKeyFile, folder.databaseFile])
    expect(modeOf(file)).toBe(0o600);
  const again = await loadIdentity(folder);
  expect(again.fingerprint).toBe(identity.fingerprint);
  expect(again.signingKey).toEqual(identity.signingKey);
  expect(again.signingKey).not.toEqual(other.identity.signingKey);
});

test("the fingerprint is the one that other tools show for the certificate", () => {
  const { fingerprint256 } = new X509Certificate(readFileSync(home.folder.certificateFile));
  expect(fingerprint256.replaceAll(":", "").toLowerCase()).toBe(home.identity.fingerprint);
});

test("signatures verify under the signing key and no other", () => {
  const bytes = Buffer.from("agreement");
  const signature = home.identity.sign(bytes);
  expect(verifySignature(home.identity.signingKey, bytes, signature)).toBe(true);
  expect(verifySignature(other.identity.signingKey, bytes, signature)).toBe(false);
  expect(verifySignature(home.identity.signingKey, Buffer.from("agreemenT"), signature)).toBe(false);
  expect(verifySignature(new Uint8Array(3), bytes, signature)).toBe(false);
});

describe("a key file", () => {
  test.each([0o640, 0o604, 0o660])("of mode %o is refused with the remedy", async (mode) => {
    const file = home.folder.signingKeyFile;
    chmodSync(file, mode);
    try {
      await expect(loadIdentity(home.folder)).rejects.toThrow(`chmod 600 ${file}`);
    } finally {
      chmodSync(file, 0o600);
    }
  });

  test("that is damaged is refused without a word of it", async () => {
    const file = home.folder.signingKeyFile;
    const pem = readFileSync(file, "utf8");
    const body = pem.split("\n")[1]!;
    writeFileSync(file, pem.replace(body, body.slice(4)));
    try {
      const error = await loadIdentity(home.folder).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OperatorError);
      expect(String(error)).not.toContain(body.slice(4, 12));
    } finally {
      writeFileSync(file, pem);
    }
  });

  test("of another node is refused", async () => {
    const pem = readFileSync(home.folder.tlsKeyFile);
    copyFileSync(other.folder.tlsKeyFile, home.folder.tlsKeyFile);
    try {
      await expect(loadIdentity(home.folder)).rejects.toThrow(/belongs to other keys/);
    } finally {
      writeFileSync(home.folder.tlsKeyFile, pem);
    }
  });
});

test("a folder holds one node, and a folder without one says how to make it", async () => {
  await expect(createFolder(home.folder)).rejects.toThrow(/already holds a node/);
  const empty = emptyFolder();
  await expect(assertNode(empty)).rejects.toThrow(`halfroom init --home ${empty.path}`);
  expect(dirname(empty.path)).not.toBe(dirname(home.folder.path));
});

test.each(["tlsKeyFile", "certificateFile"] as const)(
  "an init that was ended after it wrote its %s is done again, with the settings that were there",
  async (last) => {
    const whole = emptyFolder();
    await initNode(whole.path);
    writeFileSync(whole.configFile, "# ours\n");
    rmSync(whole.signingKeyFile);
    for (const name of readdirSync(whole.path).filter((file) => file.startsWith("node.sqlite")))
      rmSync(join(whole.path, name));
    if (last === "tlsKeyFile") rmSync(whole.certificateFile);
    const { fingerprint } = await initNode(whole.path);
    expect((await loadIdentity(whole)).fingerprint).toBe(fingerprint);
    expect(readFileSync(whole.configFile, "utf8")).toBe("# ours\n");
  },
);

test("a database without its key is damage, and no place for a new node", async () => {
  const lost = emptyFolder();
  await initNode(lost.path);
  rmSync(lost.signingKeyFile);
  const certificate = readFileSync(lost.certificateFile);
  await expect(initNode(lost.path)).rejects.toMatchObject({ code: "damaged" });
  expect(readFileSync(lost.certificateFile)).toEqual(certificate);
});
