// Where the output goes there may be no room: a command says so and fails, and shows no inside of itself.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { BIN, temporaryFolder } from "./halfroom.ts";

/** Whether this account may make file systems. */
const canMount = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

/** A disk of one page, which is taken. */
function fullDisk(): string {
  const folder = temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k", "none", folder]);
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  writeFileSync(join(folder, "full"), new Uint8Array(4096));
  return folder;
}

test.runIf(canMount).each(["--version", "--help"])("%s to a full disk fails in one line", (flag) => {
  const handle = openSync(join(fullDisk(), "output"), "w");
  onTestFinished(() => closeSync(handle));
  const { status, stderr } = spawnSync(process.execPath, [BIN, flag], {
    stdio: ["ignore", handle, "pipe"],
    encoding: "utf8",
  });
  expect(stderr).toBe(
    "halfroom: The output cannot be written (ENOSPC); send it where there is room, and run this again.\n",
  );
  expect(status).toBe(2);
});
