// A released report as one HTML file: everything in it, readable offline, no script.
import { named } from "@halfroom/wire/words";
import type { ReleasedReport } from "../released.ts";
import { pairStatement } from "../statement.ts";
import type { Fact } from "../view/facts.ts";
import { say } from "../view/sentences.ts";
import { viewOf } from "../view/view.ts";
import type { Figure } from "../view/view.ts";
import type { Section, ViewTable } from "../view/section.ts";
import { NOBODY, NOT_OPENED, OVER_PAIR, UNDER_THRESHOLD } from "../view/words.ts";
import { chartHtml } from "./charts/chart.ts";
import { escapeHtml } from "./escape.ts";
import { STYLE } from "./style.ts";

/** Words in place of numbers. */
const CLOSED: readonly string[] = [UNDER_THRESHOLD, OVER_PAIR, NOBODY, NOT_OPENED];

/**
 * The whole file; `receipt` is the commitment to the report that both sides signed, in hex. All text from data is escaped; the page's
 * own policy forbids scripts and loading anything.
 */
export function reportHtml(report: ReleasedReport, receipt?: string): string {
  const view = viewOf(report);
  const body = `<section aria-label="At a glance">
<dl class="figures">
${view.figures.map(figureHtml).join("\n")}
</dl>
</section>
${view.sections.map(sectionHtml).join("\n")}
${factsHtml("Our data", view.data)}<section>
<h2>How to read this report</h2>
<ul class="notes">
${view.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("\n")}
</ul>
</section>
${report.rules === "pair" ? statementHtml(report, receipt) : ""}${factsHtml("What was agreed", [...view.facts, ...receiptFact(receipt)])}`;
  return pageHtml(view.title, subtitleHtml(report), body);
}

/** A whole file: `title` is text, `subtitle` and `body` are HTML. */
export function pageHtml(title: string, subtitle: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
${subtitle}</header>
${body}</main>
</body>
</html>
`;
}

function subtitleHtml({ origin }: ReleasedReport): string {
  return origin === undefined ? "" : `<p>${origin.made.toISOString().slice(0, 10)}</p>\n`;
}

function figureHtml({ label, value, detail }: Figure): string {
  return `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="detail">${escapeHtml(detail)}</dd></div>`;
}

/** Its texts are escaped. */
export function sectionHtml({ heading, remarks, charts, table }: Section): string {
  return `<section>
<h2>${escapeHtml(heading)}</h2>
${remarks.map((remark) => `<p>${escapeHtml(remark)}</p>\n`).join("")}${charts.map(chartHtml).join("\n")}
${table.rows.length === 0 ? `<p>${say("nothingOpened")}</p>` : tableHtml(heading, table)}
</section>`;
}

function tableHtml(caption: string, { head, textColumns, rows }: ViewTable): string {
  const heads = head.map((name, i) => {
    const kind = i < textColumns ? ' class="text"' : "";
    return `<th scope="col"${kind}>${escapeHtml(name)}</th>`;
  });
  const lines = rows.map(
    (row) => `<tr>${row.map((text, i) => cellHtml(text, i < textColumns)).join("")}</tr>`,
  );
  const label = escapeHtml(caption);
  return `<div class="scroll" role="region" tabindex="0" aria-label="Table: ${label}">
<table>
<caption>${label}</caption>
<thead><tr>${heads.join("")}</tr></thead>
<tbody>
${lines.join("\n")}
</tbody>
</table>
</div>`;
}

function cellHtml(text: string, isLabel: boolean): string {
  if (isLabel) return `<th scope="row">${escapeHtml(text)}</th>`;
  return `<td${CLOSED.includes(text) ? ' class="hidden"' : ""}>${escapeHtml(text)}</td>`;
}

function statementHtml(report: ReleasedReport, receipt: string | undefined): string {
  return `<section>
<h2>Statement on the rules of PAIR</h2>
<pre class="statement">${escapeHtml(pairStatement(report, receipt))}</pre>
</section>
`;
}

function receiptFact(receipt: string | undefined): Fact[] {
  return receipt === undefined
    ? []
    : [{ label: "Receipt, the commitment to this report that both sides signed", text: named(receipt) }];
}

function factsHtml(heading: string, facts: readonly Fact[]): string {
  if (facts.length === 0) return "";
  const entries = facts.map(({ label, text }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`);
  return `<section>
<h2>${heading}</h2>
<dl class="record">
${entries.join("\n")}
</dl>
</section>
`;
}
