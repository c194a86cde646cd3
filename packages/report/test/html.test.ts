import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { reportHtml } from "../src/html/page.ts";
import { named, pairStatement } from "../src/index.ts";
import { HTML_LABELS, hostileReports } from "./hostile.ts";
import { asSender, overlapReport, SAMPLE_REPORTS } from "./reports.ts";

const SAMPLES = Object.entries(SAMPLE_REPORTS).flatMap(([kind, sample]) => [
  { kind, report: sample() },
  { kind: `${kind}, the sender's copy`, report: asSender(sample()) },
]);
const HOSTILE_ORIGIN = { partner: HTML_LABELS[1]!, session: HTML_LABELS[2]!, made: new Date(0) };
const HOSTILE_DATA = {
  where: HTML_LABELS[0]!,
  rows: 2,
  people: 1,
  optedOut: 0,
  merged: 0,
  filtered: 0,
  dropped: [{ reason: HTML_LABELS[3]!, rows: 1 }],
  clipped: [{ measure: HTML_LABELS[4]!, people: 1 }],
};
const HOSTILE = hostileReports().map((report) => ({ kind: report.kind, report }));

describe("the HTML page", () => {
  test.each([...SAMPLES, ...HOSTILE])("of $kind loads nothing and runs nothing", ({ report }) => {
    const html = reportHtml({ ...report, origin: HOSTILE_ORIGIN, own: HOSTILE_DATA }, "ab");
    const { document } = parseHTML(html);
    for (const tag of ["script", "link", "img", "iframe", "object", "embed", "base", "a", "form", "b", "i"]) {
      expect(document.querySelectorAll(tag), tag).toHaveLength(0);
    }
    const attributes = [...document.querySelectorAll("*")].flatMap((element) =>
      [...element.attributes].map(({ name }) => name),
    );
    expect(attributes.filter((name) => /^on|^src$|^href$|^xlink/.test(name))).toEqual([]);
    expect(html).not.toMatch(/url\(|@import/);
    expect(html).not.toMatch(/[^\n\P{C}]/u);
  });

  test.each(SAMPLES)(
    "of $kind has a table behind its charts, each chart with a title and words",
    ({ report }) => {
      const { document } = parseHTML(reportHtml(report));
      const sections = [...document.querySelectorAll("section")].filter(
        (each) => each.querySelector("svg") !== null,
      );
      expect(sections.length).toBeGreaterThan(0);
      for (const section of sections) {
        expect(section.querySelectorAll("table caption")).toHaveLength(1);
        expect(section.querySelectorAll("tbody tr").length).toBeGreaterThan(0);
      }
      for (const figure of document.querySelectorAll("figure")) {
        expect(figure.querySelector("figcaption")!.textContent).not.toBe("");
        for (const svg of figure.querySelectorAll(".wide svg, .narrow svg")) {
          expect(svg.getAttribute("role")).toBe("img");
          expect(svg.getAttribute("aria-label")).toContain("the table after it has the numbers");
        }
      }
    },
  );

  test("shows hostile labels as what they are", () => {
    for (const { report } of HOSTILE) {
      const { document } = parseHTML(reportHtml(report));
      const texts = [...document.querySelectorAll("tbody th")].map((cell) => cell.textContent);
      for (const label of HTML_LABELS) expect(texts).toContain(named(label));
    }
  });

  test("states the rules of pair, the agreement and the receipt, where there are any", () => {
    const origin = { partner: "Acme", session: "a1".repeat(32), made: new Date("2026-03-01T10:00:00Z") };
    const receipt = "b2".repeat(32);
    const [everybody, ...others] = overlapReport().partitions;
    const cells = [{ labels: [], people: undefined, sums: [], overPair: true as const }];
    const report = {
      ...overlapReport(),
      rules: "pair" as const,
      origin,
      partitions: [{ ...everybody!, cells }, ...others],
    };
    const text = parseHTML(reportHtml(report, receipt)).document.body.textContent!;
    expect(text).toContain("a1".repeat(32));
    expect(text).toContain("b2".repeat(32));
    expect(text).toContain(pairStatement(report, receipt));
    expect(text).toContain("over 85 %");
    expect(text).toContain("In this report one cell had more than that share of the base matched.");
    const plain = parseHTML(reportHtml(overlapReport())).document.body.textContent!;
    expect(plain).not.toContain("Statement on");
    expect(plain).not.toContain("Session");
    expect(() => pairStatement(overlapReport())).toThrow("was not agreed under");
  });
});
