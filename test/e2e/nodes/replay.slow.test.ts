// Two nodes run a session that can be replayed; an auditor with both halves finds it clean, and nobody opens what is kept without
// the recovery key.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPair, policyOf, requestOf, type Pair } from "./pair.ts";
import type { Site } from "./site.ts";

let pair: Pair;
let session: string;

beforeAll(async () => {
  pair = await openPair();
  const { advertiser, publisher } = pair;
  advertiser.policies(policyOf("advertiser"));
  publisher.policies(policyOf("publisher", { replay: "required" }));
  // Writing policies writes the whole of config.yaml, so the key comes after.
  for (const site of [advertiser, publisher]) await site.ok("recovery", "new", "--out", "recovery.key");
  // The request does not ask for it: the publisher's policy does.
  advertiser.write("roi.yaml", requestOf("advertiser"));
  const serving = await publisher.serve();
  await advertiser.ok("run", "roi.yaml");
  const [report] = JSON.parse(await advertiser.ok("reports", "--json")) as { session: string }[];
  ({ session } = report!);
  await serving.kill();
});
afterAll(() => pair.close());

const replay = (site: Site, ...args: string[]) => site.run("audit", "replay", ...args, "--json");

test("each side replays its own half", async () => {
  for (const site of [pair.advertiser, pair.publisher]) {
    const { exitCode, stdout } = await replay(site, session, "--recovery-key", "recovery.key");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ session, verdict: "half" });
  }
});

test("an auditor with both halves finds every message that of an honest node", async () => {
  const { advertiser, publisher } = pair;
  const halves = [advertiser, publisher].map((site) => join(site.folder, "half.replay"));
  for (const site of [advertiser, publisher])
    await site.ok("audit", "export", session, "--recovery-key", "recovery.key", "--out", "half.replay");
  const { exitCode, stdout } = await replay(advertiser, halves[0]!, "--partner", halves[1]!);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ session, verdict: "clean" });
});

test("a half with other data than the session had names the statement that committed to it", async () => {
  const { advertiser, publisher } = pair;
  const half = readFileSync(join(advertiser.folder, "half.replay"));
  // The last bytes are the data's: one person spent another amount.
  const at = half.indexOf(Buffer.from(BigInt64Array.of(3025n).buffer));
  expect(at).toBeGreaterThan(0);
  half[at]! ^= 1;
  writeFileSync(join(advertiser.folder, "changed.replay"), half, { mode: 0o600 });
  const theirs = join(publisher.folder, "half.replay");
  const { exitCode, stdout, stderr } = await replay(advertiser, "changed.replay", "--partner", theirs);
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: "departed",
    message: { side: "sender", stream: "talk", type: "statement" },
  });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "departed" } });
});

test("another key opens nothing, and a dataset that has changed is refused in words", async () => {
  const { advertiser } = pair;
  await advertiser.ok("recovery", "new", "--out", "other.key");
  const other = await replay(advertiser, session, "--recovery-key", "other.key");
  expect(JSON.parse(other.stderr)).toMatchObject({ error: { code: "recovery-key" } });
  const csv = readFileSync(join(advertiser.folder, "purchases.csv"), "utf8");
  advertiser.write("purchases.csv", csv.replace("30.25", "31.25"));
  const changed = await replay(advertiser, session, "--recovery-key", "recovery.key");
  expect(JSON.parse(changed.stderr)).toMatchObject({ error: { code: "replay-data" } });
  expect(changed.exitCode).toBe(2);
});

test("a recovery key is never made inside of the node's folder", async () => {
  const { exitCode } = await pair.publisher.run("recovery", "new", "--out", join("home", "recovery.key"));
  expect(exitCode).toBe(2);
});
