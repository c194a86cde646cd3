// Restores a backup and is killed on the way: at the n-th file that is moved to its place, before or after, or while it decrypts.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { restoreBackup } from "../src/backup/restore.ts";
import { nodeFolder } from "../src/store/folder.ts";

const [file, home, identities, moment, count] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];

const rename = fs.renameSync;
let moved = 0;
fs.renameSync = (from, to) => {
  // The head of the log is written by a rename too.
  const isLast = !String(to).includes("/scratch/") && ++moved === Number(count);
  if (isLast && moment === "before") process.kill(process.pid, "SIGKILL");
  rename(from, to);
  if (isLast && moment === "after") process.kill(process.pid, "SIGKILL");
};
syncBuiltinESMExports();

await restoreBackup(nodeFolder(home, {}), file, {
  keys: { identities },
  now: Date.now(),
  onProgress: () => {
    if (moment === "decrypt") process.kill(process.pid, "SIGKILL");
  },
});
