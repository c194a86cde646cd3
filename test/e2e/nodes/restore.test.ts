// The drill: a node is backed up while it serves, spends more, is killed, and is restored elsewhere. It cannot release what it spent
// after the backup, and it can all of it where a head that was kept elsewhere proves that it spent nothing.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPair, policyOf, requestOf, type Pair } from "./pair.ts";

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
  pair.advertiser.policies(policyOf("advertiser"));
  pair.publisher.policies(policyOf("publisher", { exact: 1 }));
});
afterAll(() => pair.close());

const HEADS = ["--heads", "heads"];

test("a node that is killed and restored cannot release twice, unless nothing was released", async () => {
  const { advertiser, publisher } = pair;
  publisher.write("passphrase", "moor lantern oyster plum\n");
  const key = ["--passphrase-file", "passphrase"];
  const serving = await publisher.serve();
  await publisher.ok("backup", "node.age", ...key);
  await publisher.ok("backup", ...HEADS);
  cpSync(join(publisher.folder, "heads"), join(publisher.folder, "heads-of-before"));
  await advertiser.ok("run", "roi.yaml");
  await publisher.ok("backup", ...HEADS);
  await serving.kill();

  const goesOn = async (folder: string, heads: readonly string[]) => {
    const home = join(publisher.folder, folder);
    await publisher.ok("restore", "node.age", ...key, "--home", home, ...heads);
    return await publisher.serve({ HALFROOM_HOME: home });
  };
  // Another report, which the partner does not connect with the first.
  advertiser.write("other.yaml", requestOf("advertiser", { high: 400 }));
  for (const [folder, heads] of [
    ["blind", []],
    ["seen", HEADS],
  ] as const) {
    const restored = await goesOn(folder, heads);
    const { exitCode, stderr } = await advertiser.run("run", "other.yaml", "--json");
    expect({ exitCode, stderr }, folder).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/restored from a backup/),
    });
    await restored.kill();
  }
  // As if nothing had been released: the head is the one of before, and the partner has forgotten.
  const restored = await goesOn("proven", ["--heads", "heads-of-before"]);
  const { exitCode, stderr } = await advertiser.run("run", "other.yaml", "--json");
  expect({ exitCode, stderr }, "the partner remembers").toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/protocol-restored/),
  });
  await restored.kill();
});

test("a backup of a node that then released nothing, and a head that says so: it releases what it may", async () => {
  const { advertiser, publisher } = pair;
  await publisher.ok("backup", "later.age", "--passphrase-file", "passphrase");
  await publisher.ok("backup", "--heads", "later-heads");
  publisher.policies(policyOf("publisher", { exact: 2 }));
  await publisher.ok("backup", "allows-two.age", "--passphrase-file", "passphrase");
  await publisher.ok("backup", "--heads", "later-heads");
  const home = join(publisher.folder, "whole");
  const printed = await publisher.ok(
    "restore",
    "allows-two.age",
    "--passphrase-file",
    "passphrase",
    "--home",
    home,
    "--heads",
    "later-heads",
  );
  expect(printed).toMatch(/has spent nothing between its backup and/);
  const serving = await publisher.serve({ HALFROOM_HOME: home });
  await advertiser.ok("run", "other.yaml");
  await serving.kill();
});
