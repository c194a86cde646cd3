// The style of a report page: light and dark by the reader's preference, one column on telephones, plain on paper.

const LIGHT = `
  --page: #f4f5f7; --surface: #ffffff; --ink: #1b1f24; --muted: #57606a; --line: #d5d9de; --grid: #e6e8eb;
  --mark: #2f6fbf; --over: #1f6fb2; --under: #b0530f; --even: #6b7480;
  --series-0: #2f6fbf; --series-1: #b0530f; --series-2: #24775a; --series-3: #8a4fb0; --series-4: #a3324a; --series-5: #5b6470;`;

const DARK = `
  --page: #0e1116; --surface: #171b21; --ink: #e6e9ed; --muted: #a4adb8; --line: #333a43; --grid: #2a3038;
  --mark: #6ea8ee; --over: #6ea8ee; --under: #f0a35e; --even: #9aa4b0;
  --series-0: #6ea8ee; --series-1: #f0a35e; --series-2: #62c2a0; --series-3: #c39be6; --series-4: #f08aa0; --series-5: #aeb8c4;`;

/** Below this width a page shows the narrow drawings. */
const NARROW = "800px";

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 24px; }
header p, .detail, .more { color: var(--muted); }
header p { margin: 0; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 1.2rem; line-height: 1.3; overflow-wrap: anywhere; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 20px; margin-top: 20px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 20px; margin: 0; }
.figures div { min-width: 0; }
.figures dt { color: var(--muted); font-size: 0.9rem; overflow-wrap: anywhere; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.7rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.detail { font-size: 0.85rem; overflow-wrap: anywhere; }
figure { margin: 0 0 24px; }
figcaption { font-weight: 600; margin-bottom: 6px; overflow-wrap: anywhere; }
.more { font-weight: 400; }
.plot { --plot-background: var(--surface); font-family: inherit; max-width: 100%; height: auto; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 0 0 6px; padding: 0; font-size: 0.85rem; }
.legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere; }
.swatch { width: 14px; height: 14px; background: var(--mark); border-radius: 2px; flex: none; }
.scroll { overflow-x: auto; position: relative; }
.scroll:focus-visible { outline: 2px solid var(--mark); }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; white-space: normal; }
th.text, tbody th { text-align: left; }
tbody th { font-weight: 500; white-space: normal; overflow-wrap: break-word; max-width: 22em; min-width: 9em; }
td.hidden { color: var(--muted); font-style: italic; white-space: normal; }
.notes { margin: 0; padding-left: 1.2em; }
.notes li + li { margin-top: 8px; }
.record { margin: 0; font-size: 0.85rem; }
.record dt { color: var(--muted); }
.record dd { margin: 0 0 10px; overflow-wrap: anywhere; }
.statement { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; font-size: 0.9rem; margin: 0; }
@media (max-width: ${NARROW}) {
  main { padding: 20px 12px; }
  section { padding: 14px; }
  .wide { display: none; }
  .narrow { display: block; }
  tbody th { min-width: 6em; }
}
@media print {
  :root { color-scheme: light; }
  body { background: none; font-size: 11pt; }
  main { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 12px 0; }
  .wide { display: block; }
  .narrow { display: none; }
  figure, tr, .figures div { break-inside: avoid; }
  h2, figcaption { break-after: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding: 3px 5px; white-space: normal; }
}
`;
