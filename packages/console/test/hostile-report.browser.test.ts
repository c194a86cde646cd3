// A report in Chromium that no node draws so: what would run does not.
import { expect, test } from "vitest";
import { signIn, useBrowser } from "./seats.ts";
import { openSite } from "./site.ts";

useBrowser();

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
