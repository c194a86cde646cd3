// The console's page in Chromium, for tests: somebody sits down, signs in, goes from page to page, and axe looks at what is shown.
import axe, { type AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { ConsoleSite } from "./site.ts";

const CHROMIUM = process.env["HALFROOM_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
/** The sandbox needs a user other than root; the rest keeps the browser from contacting hosts of its own. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
];

/** No step fails because a machine is busy. */
export const PATIENT_MS = 600_000;

let browser: Browser;

/** To be called once in each file that sits down somewhere. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(() => browser?.close());
}

export interface Seat {
  readonly page: Page;
  /** What the page asked of others, and every error in it: an answer that a request was not done is none. */
  readonly noise: string[];
}

/** A page at its sign-in. */
export async function sit({ url }: ConsoleSite): Promise<Seat> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(PATIENT_MS);
  const noise: string[] = [];
  page.on("request", (asked) => new URL(asked.url()).origin === url || noise.push(`request: ${asked.url()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (!message.text().startsWith("Failed to load resource")) noise.push(`console: ${message.text()}`);
  });
  await page.goto(`${url}/`);
  return { page, noise };
}

export const submit = (page: Page) =>
  page.getByRole("button", { name: "Sign in", exact: true }).first().click();
export const isIn = (page: Page) => page.getByRole("heading", { name: "What waits", level: 1 }).waitFor();

export async function signIn(site: ConsoleSite, role: "administrator" | "approver"): Promise<Seat> {
  const { page, noise } = await sit(site);
  await giveToken(page, "nothing");
  expect(await page.getByRole("alert").innerText()).toContain("unauthenticated");
  await giveToken(page, await site.token(role));
  await isIn(page);
  return { page, noise };
}

/** Where there are people, tokens are behind a summary. */
export async function giveToken(page: Page, token: string): Promise<void> {
  const field = page.getByLabel("Token");
  await field.waitFor({ state: "attached" });
  if (!(await field.isVisible())) await page.getByText("Sign in with a token").click();
  await field.fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).last().click();
}

export async function settled(page: Page, place: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${place}`)}`);
  await page.locator("main h1").waitFor();
  await expect.poll(() => page.locator("main .loading").count(), { timeout: PATIENT_MS }).toBe(0);
}

/** What axe finds in the page, rule by rule: in the dark only the colours are others. */
export async function faultsIn(page: Page, colorScheme: "light" | "dark" = "light"): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  const rules = colorScheme === "light" ? "" : '{ runOnly: ["color-contrast"] }';
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(`axe.run(${rules})`)) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}
