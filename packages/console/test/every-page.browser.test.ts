// Every page of the console in Chromium, with something on it: what axe finds, and whether it fits a telephone.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUser, deliverEvents } from "@halfroom/node";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openPair, REQUEST, TEMPLATE, type SitePair } from "./pair.ts";
import { faultsIn, PATIENT_MS, settled, signIn, useBrowser } from "./seats.ts";
import { PASSWORD, PLENTY } from "./site.ts";

useBrowser();

/** A pair with something on every page, and the address of each page at one of the two. */
async function everyPage({ advertiser, publisher }: SitePair) {
  const { admin } = advertiser;
  const anna = { name: "anna", role: "viewer", password: PASSWORD } as const;
  await addUser(advertiser.node, { ...anna, codes: true }, { logN: PLENTY.passwordLogN });
  await admin.linkPerson({
    person: "anna",
    way: "openid",
    subject: `https://login.example.com/${"x".repeat(80)} 17`,
  });
  const rules = {
    partner: "advertiser",
    dataset: "exposures",
    group_by: ["campaign"],
    threshold: 11,
    people: 10,
  };
  const policy = (approval: string) =>
    publisher.admin.addPolicies({ yaml: JSON.stringify({ ...rules, exact: 100, approval }) });
  const run = async (yaml: string, until: string) => {
    const { id } = await admin.startRun({ yaml });
    for await (const { data } of await admin.watchJob({ id })) if (data.type === until) break;
    return await admin.showJob({ id });
  };
  const first = await run(REQUEST, "ended");
  const second = await run(REQUEST.replace("high: 500", "high: 400"), "ended");
  const from = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const schedule = `series: { every: day, at: "06:00", from: ${from}, runs: 3, numbers: 20 }`;
  const { series } = await run(`${REQUEST}${schedule}\n`, "ended");
  const { id: template } = await publisher.admin.publishTemplate({ yaml: TEMPLATE, partner: "advertiser" });
  await admin.importTemplate({ file: await publisher.admin.exportTemplate({ id: template }) });
  await policy("two-people");
  const carol = await publisher.person("carol", "approver");
  const another = { yaml: TEMPLATE.replace("name: roi", "name: another"), partner: "advertiser" };
  expect((await carol.post("/api/v1/templates", another)).json).toMatchObject({ state: "waiting" });
  await policy("by-hand");
  // What waits at the partner still waits once nobody asks about it any more.
  const { id } = await run(REQUEST.replace("threshold: 11", "threshold: 12"), "held");
  await admin.cancelJob({ id });
  const [held] = await publisher.admin.listHeldSessions();
  const done = (await publisher.admin.listSessions()).find(({ state }) => state === "done");
  const [one, other] = [first, second].map(({ result }) => result!.session) as [string, string];
  return {
    ours: [
      "reports",
      `reports/${one}`,
      `compare/${one}/${other}`,
      "new",
      "runs",
      `runs/${first.id}`,
      "series",
      `series/${series!}`,
      "templates",
      `templates/${template}`,
      "datasets",
      "datasets/purchases",
      "audit",
      `receipts/${one}`,
      "events",
      "health",
      "access",
      "access/anna",
      "opt-outs",
      "backups",
      "account",
      "nowhere",
    ],
    theirs: [
      `sessions/${held!.id}`,
      `sessions/${done!.id}`,
      "templates",
      `templates/${template}`,
      "templates/new",
      "partners",
      "policies",
      "policies/advertiser/exposures",
      "policies/new",
      "",
    ],
  };
}

/** A series of reach in the form of a new report, and the way to templates. */
async function askForNewPeople(page: Page): Promise<void> {
  await page.getByText("A partner's template may do without asking anybody").waitFor();
  await page.getByLabel("Report", { exact: true }).selectOption("reach");
  await page.getByLabel("Their dataset").fill("exposures");
  await page.getByLabel("Repeat it").check();
  await page.getByLabel("From", { exact: true }).fill("2099-01-05");
  await page.getByLabel("Count new people alone").check();
  await page.getByText("new_people: true").waitFor();
}

/** What no node has that was made today. */
const ENDINGS = (["us", "partner"] as const).map((owner) => ({
  what: "template",
  partner: "advertiser",
  template: { id: "0f".repeat(32), owner, name: "roi" },
  at: Date.now() + 5 * 86_400_000,
}));

/** Tables of which is not said that they are wider than their place, or is said and they are not. */
const UNTOLD = `[...document.querySelectorAll(".scroll")]
  .filter((place) => place.scrollWidth > place.clientWidth + 1 !== (place.previousElementSibling?.matches(".sideways") ?? false))
  .map((place) => place.getAttribute("aria-label"))`;

test("axe finds nothing on any page, in the light and in the dark, and none is wider than a telephone", async () => {
  const lake = mkdtempSync(join(tmpdir(), "halfroom-lake-"));
  const settings = { HALFROOM_SINKS: JSON.stringify({ lake: { folder: lake } }) };
  const pair = await openPair({ approval: "automatic", settings });
  const { ours, theirs } = await everyPage(pair);
  await deliverEvents(pair.advertiser.node);
  const faults: string[] = [];
  for (const [site, places] of [
    [pair.advertiser, ours],
    [pair.publisher, theirs],
  ] as const) {
    const { page, noise } = await signIn(site, "administrator");
    await page.setViewportSize({ width: 390, height: 800 });
    await page.route("**/api/v1/endings", (route) => route.fulfill({ json: ENDINGS }));
    for (const place of places) {
      await settled(page, place);
      if (place === "new") await askForNewPeople(page);
      if (place === "") {
        await page.getByRole("link", { name: "Decide on: template another, version 1" }).waitFor();
        await page.getByRole("link", { name: "Template roi by advertiser" }).waitFor();
      }
      if (place === "reports") {
        const again = page.getByRole("button", { name: "Send again to lake" });
        for (const file of readdirSync(lake)) rmSync(join(lake, file));
        await again.first().click();
        await expect.poll(() => readdirSync(lake).length, { timeout: PATIENT_MS }).toBe(1);
      }
      if (place === "datasets/purchases") {
        await page.getByRole("button", { name: "Check the data" }).click();
        await page.getByRole("heading", { name: "Verdict" }).waitFor();
      }
      for (const scheme of ["light", "dark"] as const)
        faults.push(...(await faultsIn(page, scheme)).map((fault) => `${place}, ${scheme}: ${fault}`));
      const needed = await page.evaluate<number>("document.documentElement.scrollWidth");
      if (needed > 390) faults.push(`${place} needs ${needed} pixels`);
      faults.push(
        ...(await page.evaluate<string[]>(UNTOLD)).map((table) => `${place}: ${table} is wider, or is not`),
      );
    }
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("main.sign-in form").first().waitFor();
    faults.push(...(await faultsIn(page)), ...noise);
    await page.close();
  }
  expect(faults).toEqual([]);
});
