// The units of deploy/systemd: systemd finds no fault in them, they are as tight as docs/deploy.md says, and the commands tell it when
// they are ready and when they end.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { managerSocket } from "./manager-socket.ts";
import { readCommandLine } from "../docs/command-line.ts";
import { ROOT } from "../docs/typing.ts";
import { Site } from "../e2e/nodes/site.ts";

const FOLDER = join(ROOT, "deploy/systemd");
const SERVICES = readdirSync(FOLDER).filter((name) => name.endsWith(".service"));
const UNITS = readdirSync(FOLDER).filter((name) => /\.(service|timer)$/.test(name));
const PAGE = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");

const has = (program: string) => existsSync(join("/usr/bin", program));

/** What a program prints, on both streams, and how it ended. */
function printed(program: string, args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  try {
    return {
      ok: true,
      text: execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    };
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return { ok: false, text: `${stdout}${stderr}` };
  }
}

describe.runIf(has("systemd-analyze"))("systemd-analyze", () => {
  test.each(UNITS)("verify finds no fault in %s", (name) => {
    expect(printed("systemd-analyze", ["verify", join(FOLDER, name)])).toEqual({ ok: true, text: "" });
  });

  test("verify finds no fault in a leader, which is the node with its drop-in", () => {
    const folder = mkdtempSync(join(tmpdir(), "halfroom-units-"));
    const unit = join(folder, "halfroom.service");
    cpSync(join(FOLDER, "halfroom.service"), unit);
    cpSync(join(FOLDER, "halfroom-leader.conf"), join(`${unit}.d`, "leader.conf"));
    expect(printed("systemd-analyze", ["verify", unit])).toEqual({ ok: true, text: "" });
    writeFileSync(join(`${unit}.d`, "wrong.conf"), "[Service]\nExecStart=/no/such/program\n");
    expect(printed("systemd-analyze", ["verify", unit]).text, "it reads drop-ins").toMatch(
      /more than one ExecStart/,
    );
  });

  test.each(SERVICES)("security gives %s the score that docs/deploy.md says, or a better one", (name) => {
    const [, said] = new RegExp(`^\\| \`${name}\` \\|.*\\| ([\\d.]+) \\|$`, "m").exec(PAGE) ?? [];
    expect(said, "the page has it").toBeDefined();
    const { text } = printed("systemd-analyze", [
      "security",
      "--offline=true",
      "--no-pager",
      join(FOLDER, name),
    ]);
    const [, score] = /Overall exposure level for \S+: ([\d.]+)/.exec(text) ?? [];
    expect(Number(score)).toBeLessThanOrEqual(Number(said));
  });
});

test("units call commands and flags that exist, and the page names each file", async () => {
  const commands = await readCommandLine();
  for (const name of readdirSync(FOLDER)) {
    expect(PAGE, name).toContain(`\`${name}\``);
    const text = readFileSync(join(FOLDER, name), "utf8");
    for (const [, command] of text.matchAll(/^Exec\w+=.*\bhalfroom ([a-z]+(?: enrol)?)\b/gm))
      expect(commands.has(command!), `${name}: ${command}`).toBe(true);
  }
});

test.runIf(has("systemd-notify"))("serve tells when it answers, and when it is told to end", async () => {
  const { path, lines, seen } = await managerSocket();
  const site = await Site.open();
  onTestFinished(() => site.close());
  const serving = site.start(["serve"], { NOTIFY_SOCKET: path });
  await seen("READY=1");
  const ready = await fetch(`http://${site.env["HALFROOM_ADMIN"]}/readyz`);
  expect(ready.status).toBe(200);
  serving.child.kill("SIGTERM");
  await seen("STOPPING=1");
  expect((await serving.ended).exitCode).toBe(0);
  // The program waits for systemd to have read each.
  expect(lines.filter((line) => line !== "BARRIER=1")).toEqual(["listening", "READY=1", "STOPPING=1"]);
});

test("serve without the program that tells ends at once and says what to do", async () => {
  const site = await Site.open();
  onTestFinished(() => site.close());
  const { exitCode, stderr } = await site.start(["serve"], { NOTIFY_SOCKET: "/run/none", PATH: "/none" })
    .ended;
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/systemd-notify cannot be run \(ENOENT\); install it, or write Type=exec/);
});
