// Templates in Chromium: published by an approver of one company, taken in and run by somebody at the other, with what is wrong beside its field.
import { expect, test } from "vitest";
import { openPair, SPRING, TEMPLATE } from "./pair.ts";
import { faultsIn, PATIENT_MS, settled, signIn, useBrowser } from "./seats.ts";

useBrowser();

test("a template is published, taken in from its file, and run within its ranges", async () => {
  const pair = await openPair({ approval: "by-hand" });
  const there = await signIn(pair.publisher, "approver");
  await settled(there.page, "templates");
  await there.page.getByRole("link", { name: "New template" }).click();
  await there.page.getByLabel("Begin with").selectOption("overlap-check");
  const text = there.page.getByLabel("Template", { exact: true });
  await expect.poll(() => text.inputValue(), { timeout: PATIENT_MS }).toContain("name: overlap-check");
  await text.fill(TEMPLATE.replace("at_least: 11", "at_most: 11"));
  const look = there.page.getByRole("button", { name: "What would it allow?" });
  await look.click();
  await there.page.getByText('"threshold" has no end').waitFor();
  await text.fill(TEMPLATE);
  await look.click();
  await there.page.getByText("without anybody here being asked, until 2099-01-01").waitFor();
  expect(await faultsIn(there.page)).toEqual([]);
  await there.page.getByRole("button", { name: "Publish it" }).click();
  await there.page.getByRole("heading", { name: "roi, version 1" }).waitFor();
  const saving = there.page.waitForEvent("download");
  await there.page.getByRole("button", { name: "Save the signed file" }).click();
  const path = await (await saving).path();

  const here = await signIn(pair.advertiser, "administrator");
  await settled(here.page, "templates");
  await here.page.getByLabel("Signed file").setInputFiles(path);
  await here.page.getByRole("button", { name: "Take it in" }).click();
  await here.page.getByRole("heading", { name: "roi, version 1" }).waitFor();
  const threshold = here.page.getByLabel("threshold", { exact: true });
  await threshold.fill("5");
  await here.page.getByText('it is "5". Write a whole number, 11 or more.').first().waitFor();
  expect(await threshold.getAttribute("aria-invalid")).toBe("true");
  expect(await faultsIn(here.page)).toEqual([]);
  await threshold.fill("11");
  await here.page.getByText("Our policy allows it.").waitFor();
  await here.page.getByRole("button", { name: "Ask the partner's policy" }).click();
  await here.page.getByText("It would run.").waitFor();
  await here.page.getByRole("button", { name: "Run it" }).click();
  await here.page
    .getByRole("link", { name: /report/i })
    .first()
    .waitFor();
  await expect
    .poll(async () => (await pair.advertiser.admin.listJobs({}))[0]?.state, { timeout: PATIENT_MS })
    .toBe("done");
  const [done] = await pair.advertiser.admin.listJobs({});
  const report = JSON.parse(
    await pair.advertiser.admin.showReport({ id: done!.result!.session, form: "json" }),
  );
  expect(report.partitions[0].cells[0].people.value).toBe(SPRING.people);

  await settled(there.page, "");
  await settled(there.page, "templates");
  await there.page.getByRole("link", { name: "roi, version 1" }).click();
  await there.page.getByText("1 of 10 in 30 days").waitFor();
  await there.page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await there.page.getByRole("button", { name: "Withdraw it" }).click();
  await there.page.getByText("withdrawn", { exact: true }).waitFor();
  expect([...here.noise, ...there.noise]).toEqual([]);
});
