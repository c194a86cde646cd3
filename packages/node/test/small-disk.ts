// File systems of their own in memory, which a test fills up.
import { execFileSync } from "node:child_process";
import { onTestFinished } from "vitest";
import { scratchFolder } from "./fixtures.ts";

/** Whether this account may make file systems. */
export const canMount = (() => {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** A folder with room for so many KiB, until the test ends. */
export function smallDisk(kib: number): string {
  const folder = scratchFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k,mode=0700`, "none", folder], { stdio: "ignore" });
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}
