// Report pages in a real browser, headless: what a reader sees on a desk, on a telephone, in the dark and on paper.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type ConsoleMessage, type Page, type Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportHtml } from "../src/html/page.ts";
import { viewOf } from "../src/view/view.ts";
import type { BarsChart } from "../src/view/chart.ts";
import { named, type ReleasedReport } from "../src/index.ts";
import { HTML_LABELS, hostileReports } from "./hostile.ts";
import { asSender, SAMPLE_REPORTS } from "./reports.ts";

const CHROMIUM = process.env["HALFROOM_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
/** The sandbox needs a user other than root; the rest keeps the browser from contacting hosts of its own. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
];
const WIDE = 1280;
const NARROW = 390;

const TITLES = {
  overlap: "Audience overlap",
  sums: "Totals by cohort",
  index: "Audience profile",
  reach: "Reach and frequency",
  attribution: "Attribution",
  lift: "Lift",
} as const;
const ORIGIN = { partner: "Acme & Söhne", session: "a1".repeat(32), made: new Date("2026-03-01T10:00:00Z") };
const OWN = {
  where: "country = 'DE'",
  rows: 52_118,
  people: 48_200,
  optedOut: 12,
  merged: 3100,
  filtered: 400,
  dropped: [
    { reason: "email: not an address", rows: 301 },
    { reason: "email: empty", rows: 105 },
  ],
};

const SAMPLES = Object.entries(SAMPLE_REPORTS).map(([kind, sample]) => ({ kind, report: sample() }));

let browser: Browser;
/** One tab for all tests: a new one for each of some hundred pages takes most of the time. */
let page: Page;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halfroom-pages-"));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface View {
  readonly width: number;
  readonly colorScheme?: "light" | "dark";
}

const pages = new WeakMap<ReleasedReport, string>();

function pageOf(report: ReleasedReport): string {
  const html = pages.get(report) ?? reportHtml({ ...report, origin: ORIGIN, own: OWN }, "b2".repeat(32));
  pages.set(report, html);
  return html;
}

/** Opens the report as a file; whatever the page requests besides itself, and every error in it, is collected in `noise`. */
async function withPage(
  report: ReleasedReport,
  { width, colorScheme = "light" }: View,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const file = join(folder, `${report.kind}.html`);
  await writeFile(file, pageOf(report));
  const address = pathToFileURL(file).href;
  const noise: string[] = [];
  const onRequest = (request: Request) =>
    request.url() === address || noise.push(`request: ${request.url()}`);
  const onConsole = (message: ConsoleMessage) => noise.push(`console: ${message.text()}`);
  const onError = (error: Error) => noise.push(`error: ${error.message}`);
  page.on("request", onRequest).on("console", onConsole).on("pageerror", onError);
  try {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, media: "screen" });
    await page.goto(address);
    await work(page);
    expect(noise).toEqual([]);
  } finally {
    page.off("request", onRequest).off("console", onConsole).off("pageerror", onError);
  }
}

/** What is wrong with the page's layout: the width it needs, and texts in drawings that are cut off or overlap. */
const LAYOUT = `(() => {
  const visible = [...document.querySelectorAll(".wide svg, .narrow svg")].filter((svg) => svg.getBoundingClientRect().width > 0);
  const cut = [];
  const overlapping = [];
  for (const svg of visible) {
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    for (const [text, box] of boxes) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) cut.push(text);
    }
    boxes.forEach(([a, x], i) => boxes.slice(i + 1).forEach(([b, y]) => {
      const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
      const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
      if (wide > 1 && high > 4) overlapping.push(a + " | " + b);
    }));
  }
  return { needed: document.documentElement.scrollWidth, charts: visible.length, cut, overlapping };
})()`;

interface Layout {
  readonly needed: number;
  readonly charts: number;
  readonly cut: readonly string[];
  readonly overlapping: readonly string[];
}

/** Headings and tables as they are read, one entry for each section with a table. */
const SECTIONS = `[...document.querySelectorAll("section")].filter((section) => section.querySelector("table") !== null).map((section) => ({
  heading: section.querySelector("h2").innerText,
  head: [...section.querySelectorAll("thead th")].map((cell) => cell.innerText),
  rows: [...section.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.innerText)),
}))`;

/** Widths of the bars of each wide drawing, in pixels. */
const BARS = `[...document.querySelectorAll("figure")].map((figure) =>
  [...figure.querySelectorAll(".wide g[aria-label=bar] rect")].map((bar) => bar.getBoundingClientRect().width))`;

function chartsOf(report: ReleasedReport): number {
  return viewOf(report).sections.reduce((sum, { charts }) => sum + charts.length, 0);
}

/** The lowest contrast ratio (WCAG 2.2, 1.4.3) of any visible text to what is behind it, and the text. */
const CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const backdrop = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] !== 0) return luminance(color);
    }
    return canvas;
  };
  // What is behind everything that has no background of its own follows the page's colour scheme.
  const probe = document.body.appendChild(document.createElement("div"));
  probe.style.backgroundColor = "Canvas";
  const canvas = luminance(channels(getComputedStyle(probe).backgroundColor));
  probe.remove();
  let lowest = { ratio: 21, text: "" };
  for (const element of document.querySelectorAll("h1, h2, p, dt, dd, li, th, td, figcaption, text, pre")) {
    const text = element.textContent.trim();
    if (text === "" || element.getBoundingClientRect().width === 0) continue;
    const style = getComputedStyle(element);
    const color = luminance(channels(element.tagName === "text" ? style.fill : style.color));
    const behind = backdrop(element);
    const ratio = (Math.max(color, behind) + 0.05) / (Math.min(color, behind) + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text };
  }
  return { ...lowest, page: luminance(channels(getComputedStyle(document.body).backgroundColor)) };
})()`;

describe.each(SAMPLES)("a page of $kind", ({ report }) => {
  test.each([
    { width: WIDE },
    { width: 800 },
    { width: NARROW },
    { width: WIDE, colorScheme: "dark" as const },
  ])("fits $width pixels, nothing cut and nothing covered ($colorScheme)", async (view) => {
    await withPage(report, view, async (page) => {
      const layout = await page.evaluate<Layout>(LAYOUT);
      expect(layout.needed).toBeLessThanOrEqual(view.width);
      expect(layout.charts).toBe(chartsOf(report));
      expect(layout.cut).toEqual([]);
      expect(layout.overlapping).toEqual([]);
    });
  });

  test("says what the view says: figures, tables and notes", async () => {
    await withPage(report, { width: WIDE }, async (page) => {
      const view = viewOf({ ...report, origin: ORIGIN, own: OWN });
      expect(await page.title()).toBe(`${TITLES[report.kind]} with Acme & Söhne`);
      expect(await page.locator(".figures .value").allInnerTexts()).toEqual(
        view.figures.map(({ value }) => value),
      );
      expect(await page.evaluate<unknown>(SECTIONS)).toEqual(
        view.sections.map(({ heading, table }) => ({ heading, head: table.head, rows: table.rows })),
      );
      expect(await page.locator(".notes li").allInnerTexts()).toEqual(view.notes);
      expect(await page.locator(".record dd").allInnerTexts()).toEqual([
        ...[...view.data, ...view.facts].map(({ text }) => text),
        "b2".repeat(32),
      ]);
    });
  });

  test("can be read in light, in the dark and on paper", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await withPage(report, { width: WIDE, colorScheme }, async (page) => {
        const found = await page.evaluate<{ ratio: number; text: string; page: number }>(CONTRAST);
        expect(found.ratio, found.text).toBeGreaterThanOrEqual(4.5);
        expect(found.page < 0.1).toBe(colorScheme === "dark");
      });
    }
    await withPage(report, { width: NARROW, colorScheme: "dark" }, async (page) => {
      await page.emulateMedia({ media: "print" });
      const found = await page.evaluate<{ ratio: number; text: string }>(CONTRAST);
      expect(found.ratio, found.text).toBeGreaterThanOrEqual(4.5);
      expect(await page.locator(".wide").first().isVisible()).toBe(true);
      expect((await page.pdf({ format: "A4" })).subarray(0, 5).toString()).toBe("%PDF-");
    });
  });
});

describe("charts", () => {
  test("bars are as long as their values", async () => {
    for (const { report } of SAMPLES) {
      const charts = viewOf(report).sections.flatMap((section) => section.charts);
      await withPage(report, { width: WIDE }, async (page) => {
        const widths = await page.evaluate<number[][]>(BARS);
        charts.forEach((chart, i) => {
          if (chart.kind === "bars") expectProportional(widths[i]!, chart);
        });
      });
    }
  });

  test("points of an index lie on their side of the reference", async () => {
    const { report } = SAMPLES.find(({ kind }) => kind === "index")!;
    const [chart] = viewOf(report).sections[0]!.charts;
    if (chart?.kind !== "dots") throw new Error("the index is drawn as points");
    await withPage(report, { width: NARROW }, async (page) => {
      const figure = page.locator("figure").first().locator(".narrow");
      const reference = (await figure
        .locator("g[aria-label=rule] line[stroke-dasharray], g[aria-label=rule][stroke-dasharray] line")
        .first()
        .boundingBox())!;
      const points = await figure.locator("g[aria-label=dot] circle").all();
      expect(points).toHaveLength(chart.rows.length);
      for (const [i, point] of points.entries()) {
        const box = (await point.boundingBox())!;
        const right = box.x + box.width / 2 > reference.x + reference.width / 2;
        expect(right, chart.rows[i]!.label).toBe(chart.rows[i]!.value > 100);
      }
    });
  });

  test("a reach curve has a line for each campaign, falling with each contact", async () => {
    const { report } = SAMPLES.find(({ kind }) => kind === "reach")!;
    await withPage(report, { width: WIDE }, async (page) => {
      const figure = page.locator("figure", { hasText: "Reach curve" }).locator(".wide");
      const paths = await figure.locator("g[aria-label=line] path").all();
      expect(paths).toHaveLength(5);
      for (const path of paths) {
        const heights = (await path.getAttribute("d"))!.match(/,[\d.]+/g)!.map((y) => Number(y.slice(1)));
        expect(heights.length).toBeGreaterThan(2);
        expect(heights.toSorted((a, b) => a - b)).toEqual(heights);
      }
    });
  });

  test("the sender's copies fit as well", async () => {
    for (const { report } of SAMPLES) {
      await withPage(asSender(report), { width: NARROW }, async (page) => {
        const layout = await page.evaluate<Layout>(LAYOUT);
        expect(layout).toEqual({
          needed: NARROW,
          charts: chartsOf(asSender(report)),
          cut: [],
          overlapping: [],
        });
      });
    }
  });
});

function expectProportional(widths: readonly number[], { title, rows }: BarsChart): void {
  expect(widths, title).toHaveLength(rows.length);
  const scale = widths[0]! / rows[0]!.value;
  rows.forEach(({ value }, i) => expect(Math.abs(widths[i]! - value * scale), title).toBeLessThan(1));
}

describe("hostile labels", () => {
  test.each(hostileReports().map((report) => ({ kind: report.kind, report })))(
    "run nothing and widen nothing in a page of $kind",
    async ({ report }) => {
      for (const width of [WIDE, NARROW]) {
        await withPage(report, { width }, async (page) => {
          await page.locator("h1").hover();
          expect(await page.evaluate("typeof window.broken")).toBe("undefined");
          const layout = await page.evaluate<Layout>(LAYOUT);
          expect(layout.needed).toBeLessThanOrEqual(width);
          expect(layout.cut).toEqual([]);
          const labels = await page.locator("tbody th").allTextContents();
          for (const label of HTML_LABELS) expect(labels).toContain(named(label));
        });
      }
    },
  );
});
