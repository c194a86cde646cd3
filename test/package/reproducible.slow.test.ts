// A release is made of its commit alone: two fresh clones, in other folders, at other times, by people with other habits, give the same bytes.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../docs/typing.ts";
import { scratch } from "./install.ts";

const execute = promisify(execFile);
const { folder, remove } = scratch();
afterAll(remove);

/** What `npm run release` makes of the commit in a clone at `place`, by file. */
async function releaseOf(
  commit: string,
  place: string,
  umask: string,
  env: Readonly<Record<string, string>>,
): Promise<Map<string, Buffer>> {
  const clone = join(folder, place);
  const script = `
    umask ${umask}
    git clone --quiet '${ROOT}' '${clone}'
    cd '${clone}'
    git checkout --quiet --detach ${commit}
    npm ci --ignore-scripts --no-audit --no-fund --prefer-offline
    npm run release`;
  await execute("bash", ["-euc", script], { env: { ...process.env, ...env }, maxBuffer: 1 << 24 });
  const dist = join(clone, "dist");
  const files = readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [name, readFileSync(join(dist, name))]));
}

test("the same commit gives the same archive, bill of materials and checksums", async () => {
  // Somebody may commit meanwhile.
  const { stdout } = await execute("git", ["rev-parse", "HEAD"], { cwd: ROOT });
  const commit = stdout.trim();
  const first = await releaseOf(commit, "a", "022", { TZ: "UTC", LC_ALL: "C" });
  const second = await releaseOf(commit, "elsewhere/with a longer name", "077", {
    TZ: "Asia/Tokyo",
    LC_ALL: "C.UTF-8",
  });
  expect([...first.keys()].map((name) => name.replace(/^halfroom-[\d.]*\d/, "")).toSorted()).toEqual([
    ".cdx.json",
    ".tgz",
    "SHA256SUMS",
  ]);
  expect([...second.keys()].toSorted()).toEqual([...first.keys()].toSorted());
  for (const [name, bytes] of first) expect(second.get(name)!.equals(bytes), name).toBe(true);
});
