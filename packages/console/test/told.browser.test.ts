// What a node tells others of, in Chromium: what was not told is seen, and sent again.
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deliverEvents } from "@halfroom/node";
import { expect, onTestFinished, test } from "vitest";
import { faultsIn, settled, signIn, useBrowser } from "./seats.ts";
import { openSite } from "./site.ts";

useBrowser();

test("who is told of what happens, and what they were not told, stands under Health and is mended there", async () => {
  let status = 500;
  const hearing = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => hearing.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void hearing.close());
  const secret = join(mkdtempSync(join(tmpdir(), "halfroom-told-")), "ops.secret");
  writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString("base64")}`, { mode: 0o600 });
  const url = `http://127.0.0.1:${(hearing.address() as AddressInfo).port}/`;
  const webhooks = JSON.stringify({ ["ops-".repeat(10)]: { url, secret } });
  const site = await openSite({ HALFROOM_WEBHOOKS: webhooks });
  const { page, noise } = await signIn(site, "administrator");
  await page.setViewportSize({ width: 390, height: 800 });
  await settled(page, "health");
  const told = page.getByRole("region", { name: "Who is told" });
  await told.getByRole("button", { name: /^Test ops-/ }).click();
  await told.getByText("it answers HTTP 500").waitFor();
  expect(await told.getByRole("button", { name: "Try all again" }).count()).toBe(1);
  expect(await faultsIn(page)).toEqual([]);
  expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  // The same under Events, where it is sent again.
  await settled(page, "events");
  const happened = page.getByRole("region", { name: "What happened" });
  await happened.getByText("it answers HTTP 500").waitFor();
  expect(await faultsIn(page)).toEqual([]);
  expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  await happened.getByLabel("Show").selectOption("what was told");
  await happened.getByText("There is nothing of the kind.").waitFor();
  await happened.getByLabel("Show").selectOption("what was not told");
  await happened.getByRole("button", { name: /^Send again/ }).click();
  status = 204;
  await happened.getByText("There is nothing of the kind.").waitFor();
  await deliverEvents(site.node);
  await happened.getByLabel("Show").selectOption("what was told");
  await happened.getByText("delivered").waitFor();
  await settled(page, "account");
  await settled(page, "health");
  await told.getByText("ops-ops-").first().waitFor();
  expect(await told.getByRole("button", { name: "Try all again" }).count()).toBe(0);
  expect(noise).toEqual([]);
});
