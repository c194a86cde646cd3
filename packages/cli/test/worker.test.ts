// Workers as their operators type them: enrolled, added, removed. What they compute is in `npm run test:workers`.
import { join } from "node:path";
import { initNode } from "@halfroom/node";
import { expect, test } from "vitest";
import { halfroomHere, temporaryFolder } from "./halfroom.ts";

async function leader(): Promise<string> {
  const home = join(temporaryFolder(), "leader");
  await initNode(home);
  return home;
}

test("a request goes from the worker to the leader, and both show one fingerprint", async () => {
  const [home, machine] = [await leader(), join(temporaryFolder(), "machine")];
  const enrol = () => halfroomHere(["worker", "enrol", "--name", "big-iron", "--home", machine]);
  const { exitCode, stdout: request, stderr } = await enrol();
  expect([exitCode, request]).toEqual([0, expect.stringMatching(/^halfroomw1_[\w-]+\n$/)]);
  expect((await enrol()).stdout).toBe(request);
  const added = await halfroomHere(["cluster", "add", request.trim(), "--name", "iron", "--home", home]);
  expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Added iron\./) });
  const fingerprint = added.stdout.trim().split("\n").at(-1)!;
  expect(fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){15}$/);
  expect(stderr).toContain(fingerprint);
  const removed = await halfroomHere(["cluster", "remove", "iron", "--home", home]);
  expect(removed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^Removed iron;/) });
  expect(await halfroomHere(["cluster", "remove", "iron", "--home", home, "--json"])).toMatchObject({
    exitCode: 2,
  });
});

test("what starts services may say init each time", async () => {
  const home = await leader();
  const again = await halfroomHere(["init", "--if-missing", "--home", home]);
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("stays as it is") });
  expect(await halfroomHere(["init", "--home", home])).toMatchObject({ exitCode: 2 });
  const first = await halfroomHere(["init", "--if-missing", "--home", join(home, "new")]);
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^fingerprint: /m) });
});

test.each([
  [["cluster"], /^halfroom: This node works on one machine; .*HALFROOM_REDIS, HALFROOM_SHARE/],
  [["cluster", "add", "halfroomw1_x"], /worker's request is damaged/],
  [["worker", "--threads", "0"], /--threads 0 is not a whole number from 1 to 1024/],
  [["worker"], /^halfroom: HALFROOM_REDIS: a worker needs it/],
])("halfroom %j says what is wrong", async (command, words) => {
  const { exitCode, stderr } = await halfroomHere([...command, "--home", await leader()]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(words)]);
});
