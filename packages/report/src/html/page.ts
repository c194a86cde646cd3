// A released report as one HTML file: everything in it, readable offline, no script.
import { named } from "@halfroom/wire/words";
import type { ReleasedReport } from "../released.ts";
import { pairStatement, type ReportOrigin } from "../statement.ts";
import { viewOf } from "../view/view.ts";
import type { Figure } from "../view/view.ts";
import type { Section, ViewTable } from "../view/section.ts";
import { UNDER_THRESHOLD } from "../view/words.ts";
import { chartHtml } from "./charts/chart.ts";
import { escapeHtml } from "./escape.ts";
import { STYLE } from "./style.ts";

/** The whole file. All text from data is escaped; the page's own policy forbids scripts and loading anything. */
export function reportHtml(report: ReleasedReport, origin: ReportOrigin = {}): string {
  const view = viewOf(report);
  const title = origin.partner === undefined ? view.title : `${view.title} with ${named(origin.partner)}`;
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
<p>${escapeHtml(subtitle(report, origin))}</p>
</header>
<section aria-label="At a glance">
<dl class="figures">
${view.figures.map(figureHtml).join("\n")}
</dl>
</section>
${view.sections.map(sectionHtml).join("\n")}
<section>
<h2>How to read this report</h2>
<ul class="notes">
${view.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("\n")}
</ul>
</section>
${report.rules === "pair" ? statementHtml(report, origin) : ""}${recordHtml(origin)}</main>
</body>
</html>
`;
}

function subtitle({ role }: ReleasedReport, { createdAt }: ReportOrigin): string {
  const day = createdAt === undefined ? "" : `${createdAt.toISOString().slice(0, 10)} · `;
  return `${day}We were the ${role}${role === "receiver" ? ", whose columns form the cohorts" : ""}.`;
}

function figureHtml({ label, value, detail }: Figure): string {
  return `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="detail">${escapeHtml(detail)}</dd></div>`;
}

function sectionHtml({ heading, remarks, charts, table }: Section): string {
  return `<section>
<h2>${escapeHtml(heading)}</h2>
${remarks.map((remark) => `<p>${escapeHtml(remark)}</p>\n`).join("")}${charts.map(chartHtml).join("\n")}
${tableHtml(heading, table)}
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
  return `<td${text === UNDER_THRESHOLD ? ' class="hidden"' : ""}>${escapeHtml(text)}</td>`;
}

function statementHtml(report: ReleasedReport, origin: ReportOrigin): string {
  return `<section>
<h2>Statement on the rules of PAIR</h2>
<pre class="statement">${escapeHtml(pairStatement(report, origin))}</pre>
</section>
`;
}

function recordHtml({ agreement, receipt }: ReportOrigin): string {
  const entries = [
    ["Agreement, SHA-256 of what both sides signed (the session's id)", agreement],
    ["Report, the commitment that both sides signed in the receipt", receipt],
  ].flatMap(([name, digest]) =>
    digest === undefined ? [] : `<dt>${name}</dt><dd>${escapeHtml(named(digest))}</dd>`,
  );
  if (entries.length === 0) return "";
  return `<section>
<h2>Record</h2>
<dl class="record">
${entries.join("\n")}
</dl>
</section>
`;
}
