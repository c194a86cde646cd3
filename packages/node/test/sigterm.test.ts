// The command `serve`, told to end while many links are open that say nothing: it ends, and none of their own limits has to pass first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { emptyFolder } from "./home.ts";
import { endServing, startNodes } from "./two-processes.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const PARTNER = fileURLToPath(new URL("silent-links-jobs.ts", import.meta.url));
const LINKS = 32;
/** Silence is allowed for much longer than the test lasts. */
const SETTINGS = {
  connect_seconds: 3600,
  idle_seconds: 3600,
  partner_connections_max: LINKS,
  partner_connections_per_second: 1000,
};

async function servingSilentLinks() {
  const nodes = await startNodes(dirname(emptyFolder().path), SETTINGS);
  onTestFinished(() => endServing(nodes));
  const args = ["--import", TYPESCRIPT, PARTNER, nodes.advertiser.path, String(LINKS)];
  const partner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void partner.kill("SIGKILL"));
  const lines: string[] = [];
  const reader = createInterface({ input: partner.stdout }).on("line", (line) => lines.push(line));
  await once(reader, "line");
  return { serving: nodes.serving, partner, lines };
}

test("its partner hears from every link that the node is busy", async () => {
  const { serving, partner, lines } = await servingSilentLinks();
  const closed = once(partner, "close");
  serving.kill("SIGTERM");
  expect(await once(serving, "exit")).toEqual([0, null]);
  await closed;
  expect(lines.slice(1)).toEqual(Array.from({ length: LINKS }, () => "ended busy"));
});

test("its partner does not even answer the end of a link", async () => {
  const { serving, partner, lines } = await servingSilentLinks();
  partner.kill("SIGSTOP");
  serving.kill("SIGTERM");
  expect(await once(serving, "exit")).toEqual([0, null]);
  expect(lines).toHaveLength(1);
});
