// Backup and restore on a disk without room.
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { backup, initNode, openNode, restore, verifyAudit } from "../src/api/index.ts";
import { withState } from "../src/api/node.ts";
import { scratchFolder } from "./fixtures.ts";

import { backedUp, inFolder, keyPair } from "./backed-up.ts";
import { canMount, smallDisk } from "./small-disk.ts";

describe.runIf(canMount)("a full disk", () => {
  test("holds no part of a backup, and the node goes on", async () => {
    const { node, recipients } = await backedUp();
    const disk = smallDisk(100);
    await expect(backup(node, join(disk, "node.age"), { recipients })).rejects.toMatchObject({
      code: "file",
      message: expect.stringMatching(/ENOSPC.*free space/),
    });
    expect(readdirSync(disk)).toEqual([]);
    expect((await verifyAudit(node)).faults).toEqual([]);
  });

  test("holds no part of a restored node", async () => {
    const { file, keys } = await backedUp();
    const disk = smallDisk(200);
    await expect(restore(file, { folder: disk, keys })).rejects.toMatchObject({
      code: "folder",
      message: expect.stringMatching(/ENOSPC.*free space|disk is full/),
    });
    expect(readdirSync(disk)).toEqual([]);
  });

  test("has no room for the copy of the store", async () => {
    const disk = smallDisk(1600);
    const home = join(disk, "home");
    await initNode(home);
    const node = await openNode(home, { env: {} });
    onTestFinished(() => node.close());
    const { recipients } = await keyPair();
    await withState(node, ({ store }) => store.forgetDeleted());
    const fill = () => {
      for (;;) writeFileSync(join(disk, "filler"), new Uint8Array(4096), { flag: "a" });
    };
    expect(fill).toThrow(/ENOSPC/);
    truncateSync(join(disk, "filler"), statSync(join(disk, "filler")).size - 80 * 1024);
    const file = join(scratchFolder(), "node.age");
    await expect(backup(node, file, { recipients })).rejects.toMatchObject({ code: "folder" });
    expect(existsSync(file)).toBe(false);
    expect(inFolder(home).filter((name) => name.includes("scratch"))).toEqual([]);
  });
});
