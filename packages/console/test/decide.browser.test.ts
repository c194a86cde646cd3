// The console's page in Chromium, by two companies and by two people of one: from the sign-in over the decision to the report.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { addUser } from "@halfroom/node";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openPair, REQUEST, SPRING, TEMPLATE } from "./pair.ts";
import { giveToken, isIn, PATIENT_MS, settled, signIn, sit, submit, useBrowser, type Seat } from "./seats.ts";
import { PASSWORD, PLENTY, type ConsoleSite } from "./site.ts";

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

/** The words of what has the focus, which a page gives a moment after it has shown something. */
const focusedIn = (page: Page) => () => page.locator(":focus").innerText();

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
  await expect.poll(focusedIn(officer.page), { timeout: PATIENT_MS }).toBe("Approve");
  await officer.page.getByRole("button", { name: "Deny" }).click();
  await officer.page.getByRole("button", { name: "Deny it" }).click();
  expect(await officer.page.getByRole("alert").innerText()).toContain("Write a reason");
  await officer.page.getByLabel("Reason").fill("not <b>this</b> quarter");
  await officer.page.getByRole("button", { name: "Deny it" }).click();
  const decision = officer.page.getByRole("region", { name: "The decision" });
  await decision.getByText("You denied it at").waitFor();
  const reason = '"not <b>this</b> quarter"';
  await expect.poll(focusedIn(officer.page), { timeout: PATIENT_MS }).toContain(reason);
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
  await expect.poll(focusedIn(boss.page), { timeout: PATIENT_MS }).toBe("Signed in");
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
  const isFaulty = () => page.locator(":focus").getAttribute("aria-invalid");
  await expect.poll(isFaulty, { timeout: PATIENT_MS }).toBe("true");
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
