// Who may talk to whom: pins, invitations, and the limits of a node.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowAll, openPair, requestOf, type Pair } from "./pair.ts";
import { Site } from "./site.ts";

let pair: Pair;
let advertiser: Site;
let publisher: Site;
let stranger: Site;
beforeAll(async () => {
  [pair, stranger] = await Promise.all([openPair(), Site.open()]);
  ({ advertiser, publisher } = pair);
  allowAll(pair);
  await publisher.serve();
});
afterAll(async () => {
  await Promise.all([pair.close(), stranger.close()]);
});

describe("an invitation", () => {
  test("that was used is refused to anybody else", async () => {
    const token = (await publisher.ok("invite", "--name", "first")).trim();
    const first = await Site.open();
    await first.ok("join", token, "--name", "publisher");
    const { exitCode, stderr } = await stranger.run("join", token, "--name", "publisher");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/invitation has been used/);
    expect(await stranger.ok("partners")).toContain("no partners yet");
    await first.close();
  });

  test("whose expiry was edited is no token, and is not repeated", async () => {
    const token = (await publisher.ok("invite", "--name", "late", "--hours", "1")).trim();
    const edited = token.replace(/^halfroom1_...../, "halfroom1_AAAAA");
    const { exitCode, stderr } = await stranger.run("join", edited, "--name", "publisher");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/damaged/);
    expect(stderr).not.toContain(edited);
  });

  test("is refused without an address in the settings, with the remedy", async () => {
    const { exitCode, stderr } = await publisher.start(["invite", "--name", "x"], { HALFROOM_ADDRESS: "" })
      .ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/set `address` in/);
  });
});

test("a partner with another certificate than the pinned one gets no byte", async () => {
  // A different node answers where the advertiser expects its publisher.
  const impostor = await Site.open();
  await impostor.serve();
  await advertiser.ok("partners", "move", "publisher", impostor.env["HALFROOM_ADDRESS"]!);
  const { exitCode, stderr } = await advertiser.run("run", "roi.yaml");
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^halfroom: identity: a certificate other than the partner/m);
  expect(await impostor.sessions()).toEqual([]);
  await advertiser.ok("partners", "move", "publisher", publisher.env["HALFROOM_ADDRESS"]!);
  await impostor.close();
});

test("a partner who was removed is a stranger", async () => {
  const guest = await Site.open();
  const token = (await publisher.ok("invite", "--name", "guest")).trim();
  await guest.ok("join", token, "--name", "publisher");
  guest.write("purchases.csv", readFileSync(join(advertiser.folder, "purchases.csv"), "utf8"));
  const source = ["--file", "purchases.csv", "--match", "email=email", "--measure", "revenue"];
  await guest.ok("dataset", "add", "purchases", ...source);
  guest.write("roi.yaml", requestOf("advertiser"));
  await publisher.ok("partners", "remove", "guest");
  guest.policies(
    `  - {partner: publisher, dataset: purchases, sum: [revenue], exact: 5, threshold: 11, people: 10}`,
  );
  const { exitCode, stderr } = await guest.run("run", "roi.yaml");
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/identity: the partner's node at \S+ does not know this node's certificate/);
  await guest.close();
});

test("a key that is open to others is refused with the remedy", async () => {
  const { chmodSync } = await import("node:fs");
  const file = join(stranger.home, "keys", "signing.pem");
  chmodSync(file, 0o644);
  const { exitCode, stderr } = await stranger.run("partners");
  chmodSync(file, 0o600);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`chmod 600 ${file}`);
});
