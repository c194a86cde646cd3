// The console's page in Chromium: two companies, each with a browser of its own, from the sign-in to the report; and what axe finds.
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUser, deliverEvents } from "@halfroom/node";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { openPair, REQUEST, SPRING, TEMPLATE, type SitePair } from "./pair.ts";
import {
  faultsIn,
  giveToken,
  isIn,
  PATIENT_MS,
  settled,
  signIn,
  sit,
  submit,
  useBrowser,
  type Seat,
} from "./seats.ts";
import { openSite, PASSWORD, PLENTY, type ConsoleSite } from "./site.ts";

useBrowser();

/** `code`: where the page asks for a one-time code. */
async function signInAs(site: ConsoleSite, name: string, code?: () => string): Promise<Seat> {
  const { page, noise } = await sit(site);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await submit(page);
  if (code !== undefined) {
    await page.getByLabel("One-time code").fill(code());
    await submit(page);
  }
  await isIn(page);
  return { page, noise };
}

/** What an app shows now for a secret in base32 (RFC 6238: HMAC-SHA-1 of the period of 30 seconds, six digits). */
function codeOf(secret: string): string {
  const bits = secret.replace(/./g, (letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const bytes = bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  const period = Buffer.alloc(8);
  period.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", Uint8Array.from(bytes)).update(period).digest();
  const word = mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

/** Writes a request for the sums of `revenue` by `campaign` into the form, and runs it. */
async function ask(page: Page, high: string): Promise<void> {
  await page.getByRole("link", { name: "New report" }).first().click();
  await page.getByLabel("Their dataset").fill("exposures");
  await page.getByLabel("Their columns to group by").fill("campaign");
  await page.getByRole("region", { name: "Our data" }).getByRole("button", { name: "Add a measure" }).click();
  await page.getByLabel("Most").fill(high);
  await page.getByLabel("Decimals").fill("2");
  await page.getByLabel("Threshold").fill("11");
  await page.getByLabel("Exact, without noise").check();
  await page.getByText("Our policy allows it.").waitFor();
  await page.getByText("It costs one exact report").waitFor();
  await page.getByRole("button", { name: "Run it" }).click();
  await page.getByText("It waits for a person at the partner").waitFor();
}

/** Opens the one proposal that waits. */
async function open(page: Page): Promise<void> {
  await page.getByRole("link", { name: "What waits 1 to decide" }).click();
  await page.getByRole("link", { name: "Decide on: Totals by cohort" }).click();
  await page.getByRole("heading", { name: "advertiser would learn" }).waitFor();
  await expect.poll(() => page.locator("main .loading").count(), { timeout: PATIENT_MS }).toBe(0);
}

test("two companies ask, decide and read in a browser", async () => {
  const { advertiser, publisher } = await openPair({ approval: "by-hand" });
  const [analyst, officer] = [await signIn(advertiser, "administrator"), await signIn(publisher, "approver")];
  // Two companies' consoles may be open beside each other.
  expect(await analyst.page.locator("header.side").innerText()).toContain("Example Stores");
  expect(await officer.page.title()).toBe("What waits · Example Media · Halfroom");
  await ask(analyst.page, "500");
  await open(officer.page);
  const told = await officer.page.locator("main").innerText();
  expect(told).toContain('For each value of "campaign" in our dataset, which is a cell of the report');
  expect(told).toContain("It costs one exact report, of 100 left of 100 in 30 days.");
  expect(told).toContain("No report with advertiser has come to its end");
  expect(told).toContain("0 of 100 used");

  await officer.page.getByRole("button", { name: "Go to the decision" }).click();
  expect(await officer.page.locator(":focus").innerText()).toBe("Approve");
  await officer.page.getByRole("button", { name: "Deny" }).click();
  await officer.page.getByRole("button", { name: "Deny it" }).click();
  expect(await officer.page.getByRole("alert").innerText()).toContain("Write a reason");
  await officer.page.getByLabel("Reason").fill("not <b>this</b> quarter");
  await officer.page.getByRole("button", { name: "Deny it" }).click();
  const decision = officer.page.getByRole("region", { name: "The decision" });
  await decision.getByText("You denied it at").waitFor();
  expect(await officer.page.locator(":focus").innerText()).toContain('"not <b>this</b> quarter"');
  await officer.page.locator(".tag", { hasText: "denied" }).waitFor();
  await analyst.page.getByText("not <b>this</b> quarter").waitFor();

  await ask(analyst.page, "501");
  await open(officer.page);
  await officer.page.getByRole("button", { name: "Approve" }).click();
  await decision.getByText("advertiser may run it now").waitFor();
  expect(await decision.getByRole("button").count()).toBe(0);
  await analyst.page.getByRole("link", { name: "See the report" }).click();
  const row = analyst.page.getByRole("row", { name: "spring" });
  await row.waitFor();
  expect(await row.innerText()).toContain(String(SPRING.people));
  const [saved] = await Promise.all([
    analyst.page.waitForEvent("download"),
    analyst.page.getByRole("button", { name: "Save as CSV", exact: true }).click(),
  ]);
  expect(saved.suggestedFilename()).toMatch(/^report-[0-9a-f]{12}\.csv$/);
  expect(readFileSync(await saved.path(), "utf8")).toMatch(/spring,.*22/);
  expect([analyst.noise, officer.noise]).toEqual([[], []]);

  await analyst.page.getByRole("button", { name: "Sign out" }).click();
  await analyst.page.getByLabel("Token").waitFor();
  expect(await advertiser.admin.listReports()).toHaveLength(1);
});

test("two people decide in a browser, one with a one-time code, and a report is there once both have", async () => {
  const { advertiser, publisher } = await openPair({ approval: "two-people", limits: PLENTY });
  const user = { role: "approver", password: PASSWORD } as const;
  const cost = { logN: PLENTY.passwordLogN };
  await addUser(publisher.node, { ...user, name: "first", codes: false }, cost);
  const boss = await signIn(publisher, "administrator");
  const secret = await addWithCodes(boss.page, "second");
  const { id } = await advertiser.admin.startRun({ yaml: REQUEST });
  for await (const { data } of await advertiser.admin.watchJob({ id })) if (data.type === "held") break;
  const first = await signInAs(publisher, "first");
  await open(first.page);
  expect(await first.page.locator("main").innerText()).toContain("2 people have to approve; 0 have so far.");
  await first.page.getByRole("button", { name: "Approve" }).click();
  await first.page.getByText("another person has to approve it too").first().waitFor();
  await first.page.getByRole("link", { name: "What waits", exact: true }).click();
  const others = first.page.getByRole("region", { name: "Waits for another person" });
  await others.getByText("1 of 2").waitFor();
  await others.getByRole("link", { name: "See: Totals by cohort" }).click();
  await first.page.getByText("You have approved it").waitFor();
  expect(await first.page.getByRole("button", { name: "Approve" }).count()).toBe(0);
  const second = await signInAs(publisher, "second", () => codeOf(secret));
  const forUs = second.page.getByRole("region", { name: "For you to decide" });
  await forUs.getByText("1 of 2").waitFor();
  await forUs.getByText("by first", { exact: true }).waitFor();
  await open(second.page);
  await second.page.getByRole("button", { name: "Approve" }).click();
  for await (const { data } of await advertiser.admin.watchJob({ id })) if (data.type === "ended") break;
  expect(await advertiser.admin.listReports()).toHaveLength(1);
  await publishTogether(first.page, second.page);
  // Loading it again keeps whoever has a cookie signed in.
  await second.page.reload();
  await second.page.getByRole("button", { name: "Sign out" }).waitFor();
  await boss.page.reload();
  await giveToken(boss.page, await publisher.token("administrator"));
  // Whoever signs in begins at the first page.
  await isIn(boss.page);
  await boss.page.getByRole("link", { name: "Access" }).click();
  await boss.page.getByRole("button", { name: "End all sign-ins of first" }).click();
  await first.page.getByText("The sign-in has ended").waitFor();
  // The button that was pressed is gone with its row: whoever uses a keyboard goes on where it was.
  const focused = () => boss.page.locator(":focus").innerText();
  await expect.poll(focused, { timeout: PATIENT_MS }).toBe("Signed in");
  expect(new URL(first.page.url()).hash).toBe("#/");
  expect(await publisher.admin.listSignIns()).toMatchObject([{ name: "second" }]);
  await loosen(boss.page);
  await leaveOut(boss.page, "p3@example.com");
  await backUp(boss.page);
  expect([boss.noise, first.noise, second.noise]).toEqual([[], [], []]);
});

/** A template that the first publishes waits for the second. */
async function publishTogether(first: Page, second: Page): Promise<void> {
  await settled(first, "templates/new");
  await first.getByLabel("Template", { exact: true }).fill(TEMPLATE);
  await first.getByRole("button", { name: "What would it allow?" }).click();
  await first.getByRole("button", { name: "Publish it" }).click();
  await first.getByText("You have approved it: it waits for another person.").waitFor();
  await first.getByRole("link", { name: "What waits", exact: true }).click();
  const others = first.getByRole("region", { name: "Waits for another person" });
  const row = others.getByRole("row", { name: "See: template roi, version 1, for advertiser" });
  await row.getByText("1 of 2").waitFor();
  await row.getByText("by first", { exact: true }).waitFor();
  await second.getByRole("link", { name: "What waits 1 to decide" }).click();
  await second.getByRole("link", { name: "Decide on: template roi, version 1, for advertiser" }).click();
  await second.getByText("2 people have to approve; 1 has so far.").waitFor();
  await second.getByRole("button", { name: "Approve it" }).click();
  await second.getByText("holds", { exact: true }).waitFor();
  await second.getByRole("link", { name: "What waits", exact: true }).waitFor();
}

/** Adds an approver who shows one-time codes; returns the codes' secret, which the page shows this once. */
async function addWithCodes(page: Page, name: string): Promise<string> {
  await page.getByRole("link", { name: "Access" }).click();
  const form = page.getByRole("region", { name: "Add a user" });
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Role").selectOption("approver");
  await form.getByLabel("Password").fill(PASSWORD);
  await form.getByLabel("Also asks for a one-time code").check();
  await form.getByRole("button", { name: "Add the user" }).click();
  const secret = await form.locator(".secret").first().innerText();
  await page.getByRole("link", { name }).waitFor();
  return secret;
}

/** A policy in its form: what is wrong stands at its field, a looser one and leaving it unsaved are asked about. */
async function loosen(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Policies" }).click();
  await page.getByRole("link", { name: "Change" }).click();
  const ends = page.getByLabel("Ends on");
  await ends.fill("some day");
  await page.getByRole("button", { name: "Save it" }).click();
  await page.getByText("what is wrong stands at the fields").waitFor();
  expect(await page.locator(":focus").getAttribute("aria-invalid")).toBe("true");
  await ends.fill(new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel("Approval").selectOption("by-hand");
  expect(await page.getByRole("alert").count()).toBe(0);
  const changes = page.getByRole("region", { name: "What changes" });
  expect(await changes.getByRole("row", { name: "Approval" }).innerText()).toContain("looser");
  expect(await changes.getByRole("row", { name: "Ends on" }).innerText()).toContain("stricter");
  page.once("dialog", (asked) => void asked.dismiss());
  await page.getByRole("link", { name: "What waits" }).click();
  await changes.getByRole("button", { name: "Save it" }).click();
  await changes.getByRole("button", { name: "Save the looser policy" }).click();
  await page.getByRole("heading", { name: "Policies", level: 1 }).waitFor();
  await page.getByRole("link", { name: "What waits" }).click();
  const soon = page.getByRole("region", { name: "Ends soon" });
  expect(await soon.getByRole("link").innerText()).toContain("Policy for advertiser and exposures");
}

/** What is held of a person who opts out, before and after. */
async function leaveOut(page: Page, identifier: string): Promise<void> {
  await page.getByRole("link", { name: "Opt-outs" }).click();
  await page.getByLabel("Identifier").fill("nobody at example");
  await page.getByRole("button", { name: "Leave them out" }).click();
  expect(await page.getByRole("alert").innerText()).toContain("cannot be read (email: invalid)");
  expect(await page.getByRole("region", { name: "Left out" }).count()).toBe(0);
  await page.getByLabel("Identifier").fill(identifier);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  const held = page.getByRole("region", { name: "What this node holds of them" });
  expect(await held.getByRole("row", { name: "exposures" }).innerText()).toMatch(/email\s+1\s+1/);
  await page.getByRole("button", { name: "Leave them out" }).click();
  const left = page.getByRole("region", { name: "Left out" });
  expect(await left.innerText()).toMatch(/New on the list\s+1\s+Kept pseudonyms deleted\s+1/);
  await page.getByRole("button", { name: "What is held of them?" }).click();
  await held.getByText("1 identifier", { exact: true }).waitFor();
}

async function backUp(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Backups" }).click();
  await page.getByLabel("Public keys of age").fill("age1none");
  await page.getByRole("button", { name: "Make a backup" }).click();
  expect(await page.getByRole("alert").innerText()).toContain("backup-key");
  const recipient = await identityToRecipient(await generateX25519Identity());
  await page.getByLabel("Public keys of age").fill(recipient);
  await page.getByLabel("Name of the file").fill("by-hand");
  await page.getByRole("button", { name: "Make a backup" }).click();
  await page.getByText("by-hand.age is there").waitFor();
  await page.getByRole("row", { name: "by-hand.age" }).waitFor();
}

/** No node draws a report so. */
const HOSTILE = `<!doctype html><html><head><style>p { text-indent: 7px }</style></head><body><main><section>
<script>window.broken = 1</script><img src="x" onerror="window.broken = 1"><svg><script>window.broken = 1</script></svg>
<iframe srcdoc="<script>parent.broken = 1</script>"></iframe><a href="javascript:window.broken = 1">link</a>
<p onclick="window.broken = 1" style="color: rgb(1, 2, 3)">still shown</p></section></main></body></html>`;

const STYLE_SHOWN = `(() => {
  const { color, textIndent } = getComputedStyle(document.querySelector(".report").shadowRoot.querySelector("p"));
  return { color, textIndent };
})()`;

test("a report that would run something runs nothing, and has its style", async () => {
  const { page, noise } = await signIn(await openSite(), "administrator");
  await page.route("**/api/v1/reports/*", (route) =>
    route.fulfill({ contentType: "text/html", body: HOSTILE }),
  );
  await page.evaluate("location.hash = '#/reports/any'");
  const shown = page.getByText("still shown");
  await shown.click();
  const style = await page.evaluate<object>(STYLE_SHOWN);
  expect(style).toEqual({ color: "rgb(1, 2, 3)", textIndent: "7px" });
  expect(await page.locator(".report").locator("script, img, iframe, a").count()).toBe(0);
  expect(await page.evaluate("typeof window.broken")).toBe("undefined");
  // What is in its text is stopped as it is read already.
  expect(noise.filter((words) => !words.includes("Content Security Policy"))).toEqual([]);
});

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
