// What ends is told in time: by `doctor`, by the metrics and by the log of a serving node, each under a clock that the test moves.
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nobleKernel, systemRng } from "@halfroom/crypto";
import { doctor } from "../src/api/doctor.ts";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { rotate, rotateVault } from "../src/api/rotate.ts";
import { expiriesOf, urgency } from "../src/expiry/expiries.ts";
import { openState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { ExpiryLog } from "../src/serve/tell-expiries.ts";
import { emptyFolder } from "./home.ts";
import { scratchFolder } from "./fixtures.ts";

const DAY_MS = 86_400_000;
const END = Date.UTC(2099, 11, 31);

const PORTS = { listen: "127.0.0.1:0", admin: "127.0.0.1:0" };
/** The nodes are made today: by their clocks all keys are old. */
const AGELESS = { rotate_days: 0 };

/** A node with everything that ends, so many days before the end of its certificate and of its policy. */
async function nodeAt(days: number, settings: object = {}) {
  const clock = { now: END - days * DAY_MS };
  const folder = emptyFolder();
  await initNode(folder.path);
  const policies = [
    { partner: "advertiser", dataset: "exposures", expires: "2099-12-31" },
    { partner: "advertiser", dataset: "others" },
  ];
  writeFileSync(folder.configFile, JSON.stringify({ ...PORTS, ...AGELESS, ...settings, policies }));
  const node = await openState(folder, {}, () => clock.now);
  onTestFinished(() => node.close());
  node.invitations.open("guest", clock.now + DAY_MS);
  const owner = { key: "0f".repeat(32), name: "advertiser" };
  node.epochs.current(owner, nobleKernel, systemRng, clock.now, 5);
  return { node, clock };
}

async function found(days: number): Promise<Record<string, string>> {
  const { node } = await nodeAt(days);
  const findings = (await doctor(handleOf(node))).filter(({ what }) => what.startsWith("end of "));
  return Object.fromEntries(findings.map(({ what, state, words }) => [what, `${state}: ${words}`]));
}

test("doctor warns of certificate and policy from 30 days on, and names what ends by itself", async () => {
  const itself = {
    "end of invitation": /^ok: .*"guest".* in 1 day$/,
    "end of epoch": /^ok: .*"advertiser".* in 5 days;/,
  };
  const matching = (words: Record<string, RegExp>) =>
    Object.fromEntries(Object.entries(words).map(([what, text]) => [what, expect.stringMatching(text)]));
  expect(await found(31)).toEqual(matching(itself));
  for (const days of [30, 7, 1]) {
    const inDays = new RegExp(`^warning: .*2099-12-31, in ${days} day`);
    expect(await found(days), `${days}`).toEqual(
      matching({ "end of certificate": inDays, "end of policy": inDays, ...itself }),
    );
  }
  expect(await found(-2)).toEqual(
    matching({
      "end of certificate": /^fault: .*ended on/,
      "end of policy": /^warning: .*ended on/,
      ...itself,
    }),
  );
});

test("the log tells an end once at 30 days, at 7 and when it has come", async () => {
  const { node, clock } = await nodeAt(40);
  const told: string[] = [];
  const log = new ExpiryLog(node, (_words, { what, days }) => told.push(`${what} ${days}`));
  for (let days = 40; days >= -3; days--) {
    clock.now = END - days * DAY_MS;
    await log.look();
  }
  expect(told).toEqual([
    "certificate 30",
    "policy 30",
    "certificate 7",
    "policy 7",
    "certificate 0",
    "policy 0",
  ]);
});

test("urgency is that of the nearest day that is told", async () => {
  const { node } = await nodeAt(40);
  const all = expiriesOf(node, node.settings, END - 40 * DAY_MS);
  const [certificate] = all;
  const at = (days: number) => urgency(certificate!, END - days * DAY_MS);
  expect([31, 30, 8, 7, 1, 0, -1].map(at)).toEqual([undefined, 30, 30, 7, 7, 0, 0]);
  expect(all.map(({ what }) => what)).toEqual(["certificate", "policy", "invitation", "epoch"]);
});

test("identity and vault are told of once they are as old as the owner wants them to become", async () => {
  const { node, clock } = await nodeAt(400, { rotate_days: 10 });
  const due = () =>
    expiriesOf(node, node.settings, clock.now)
      .filter(({ what }) => what === "identity" || what === "vault")
      .map((expiry) => urgency(expiry, clock.now));
  expect(due()).toEqual([0, 0]);
  await rotate(handleOf(node), "certificate", { anyway: true });
  await rotateVault(handleOf(node));
  expect(due()).toEqual([0, 30]);
  await rotate(handleOf(node), "identity", { anyway: true });
  expect(due()).toEqual([30, 30]);
  clock.now += 4 * DAY_MS;
  expect(due()).toEqual([7, 7]);
  const never = { ...node.settings, rotate_days: 0 };
  expect(expiriesOf(node, never, clock.now).map(({ what }) => what)).not.toContain("identity");
});

test("a serving node says so in its log and its metrics, also of a rotation that was begun and waits", async () => {
  const { node } = await nodeAt(6);
  const key = { signingKey: new Uint8Array(32), fingerprint: "ab".repeat(32) };
  node.partners.pin({ name: "advertiser", address: "", pinnedAt: 0, ...key });
  expect(await rotate(handleOf(node), "certificate", { anyway: false })).toMatchObject({ isDone: false });
  const file = join(scratchFolder(), "log");
  const serving = await serve(node, openLog({ log_level: "info" }, openSync(file, "w")));
  onTestFinished(() => serving.close());
  const metrics = await (await fetch(`http://${serving.admin}/metrics`)).text();
  const days = Object.fromEntries(
    [...metrics.matchAll(/^halfroom_expires_days\{what="(\w+)",name="(.*)"\} (\S+)$/gm)].map(
      ([, what, name, value]) => [`${what} ${name}`, Math.round(Number(value))],
    ),
  );
  expect(days).toEqual({
    "certificate ": 6,
    "policy advertiser/exposures": 6,
    "invitation guest": 1,
    "epoch advertiser": 5,
  });
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ msg }) => msg === "expires")).toMatchObject([
    { what: "certificate", days: 6, level: 40 },
    { what: "policy", name: "advertiser/exposures", days: 6, level: 40 },
  ]);
  expect(metrics).toContain('halfroom_rotation_days{what="certificate"} 0\n');
  expect(lines.filter(({ msg }) => msg === "rotation")).toMatchObject([{ part: "certificate", level: 40 }]);
});
