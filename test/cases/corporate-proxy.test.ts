// A network that lets connections out through an HTTP proxy alone.
import { connectProxy, type ConnectProxy } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Site } from "../e2e/nodes/site.ts";

let publisher: Site;
let advertiser: Site;
let proxy: ConnectProxy;

beforeAll(async () => {
  [publisher, advertiser, proxy] = await Promise.all([Site.open(), Site.open(), connectProxy()]);
  await publisher.serve();
});
afterAll(async () => {
  proxy.close();
  await Promise.all([publisher.close(), advertiser.close()]);
});

test("that refuses is told as the proxy's", async () => {
  const closed = await connectProxy(() => 403);
  const token = (await publisher.ok("invite", "--name", "somebody")).trim();
  const env = { HALFROOM_PROXY: closed.address };
  const { exitCode, stderr } = await advertiser.start(["join", token, "--name", "other"], env).ended;
  closed.close();
  expect(exitCode).toBe(3);
  expect(stderr).toContain(`the proxy ${closed.address} answers HTTP 403: it does not allow this connection`);
  expect(closed.asked.length).toBe(1);
});

test("is what HTTPS_PROXY names, but for NO_PROXY, and doctor says so", async () => {
  const partner = publisher.env["HALFROOM_LISTEN"]!;
  const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
  const HTTPS_PROXY = `http://me:secret@${proxy.address}`;
  const joined = await advertiser.start(["join", token, "--name", "publisher"], { HTTPS_PROXY }).ended;
  expect(joined).toMatchObject({ exitCode: 0 });
  expect(proxy.asked).toEqual([{ address: partner, credentials: `Basic ${btoa("me:secret")}` }]);

  const examined = await advertiser.start(["doctor"], { HTTPS_PROXY }).ended;
  expect(examined.stdout).toContain(
    `answers at ${partner} through the proxy ${proxy.address} with the pinned`,
  );
  expect(examined.stdout + examined.stderr).not.toContain("secret");

  const asked = proxy.asked.length;
  const direct = await advertiser.start(["doctor"], { HTTPS_PROXY, NO_PROXY: "127.0.0.0/8" }).ended;
  expect(direct.stdout).toContain(`answers at ${partner} with the pinned`);
  expect(proxy.asked.length).toBe(asked);
});
