// The findings of `dataset check` as text.
import type { DatasetFindings } from "@halfroom/node";
import { drawTable, group, printable, quoted } from "@halfroom/report";

export function checkText(check: DatasetFindings): string {
  const blocks = [
    rowsText(check),
    sourceText(check),
    droppedText(check),
    keysText(check),
    measuresText(check),
    dimensionsText(check),
    momentsText(check),
    `digest: ${check.digest}`,
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

function rowsText({ dataset, rows, people, optedOut, merged, filtered, dropped }: DatasetFindings): string {
  const out = optedOut === 0 ? "" : `, of whom ${group(optedOut)} opted out`;
  const lost = dropped.reduce((sum, each) => sum + each.rows, 0);
  return (
    `${dataset}: ${group(rows)} rows, ${group(people)} people${out}.\n` +
    `${group(merged)} rows merged into earlier ones, ${group(filtered)} rows filtered out, ${group(lost)} rows dropped.`
  );
}

const NAMES_MAX = 5;

/** How the files were read; nothing for a database. */
function sourceText({ source }: DatasetFindings): string {
  const { files, emptyFiles, passedOver, gaps, delimiters, encodings } = source;
  if (files === 0) return "";
  const of = (count: number) => `${group(count)} ${count === 1 ? "file" : "files"}`;
  const others = encodings.filter((encoding) => encoding !== "utf-8");
  const uncommon = delimiters.some((delimiter) => delimiter !== "comma");
  const shown = passedOver.slice(0, NAMES_MAX).map(printable).join(", ");
  const more = passedOver.length > NAMES_MAX ? ` and ${group(passedOver.length - NAMES_MAX)} more` : "";
  return [
    `${of(files)} read${emptyFiles === 0 ? "" : `, of which ${group(emptyFiles)} empty`}.`,
    ...(uncommon ? [`Fields are separated by ${delimiters.join(", ")}.`] : []),
    ...(others.length > 0 ? [`Encodings: ${encodings.join(", ")}.`] : []),
    ...gaps.map(({ column, files: lacking }) => {
      return `Column ${quoted(column)} is missing in ${group(lacking)} of ${of(files - emptyFiles)}, and NULL in their rows.`;
    }),
    ...(passedOver.length > 0 ? [`Passed over, for their endings: ${shown}${more}.`] : []),
  ].join("\n");
}

function droppedText({ dropped }: DatasetFindings): string {
  if (dropped.length === 0) return "";
  const rows = dropped.map(({ reason, rows: count, examples }) => {
    const places = examples.map(({ file, row }) => `${file} ${row}`).map(printable);
    return [printable(reason), group(count), places.join("\n")];
  });
  const table = drawTable(["dropped: reason", "rows", "first rows"], rows, 1);
  const remedies = dropped.flatMap(({ reason, remedy }) =>
    remedy === undefined ? [] : [`${printable(reason)}: ${remedy}`],
  );
  return [table, ...remedies].join("\n");
}

function keysText({ keys }: DatasetFindings): string {
  const rows = keys.map(({ name, rules, people, invalidRows, shared, several }) => [
    printable(name),
    printable(rules),
    ...[people, invalidRows, shared, several].map(group),
  ]);
  const head = ["match key", "rules", "people", "invalid rows", "shared by people", "people with several"];
  // With one key, the reasons of dropped rows say the same.
  const faults = keys.length === 1 ? [] : keys.flatMap(keyFaultsText);
  return [drawTable(head, rows, 2), ...faults].join("\n");
}

function keyFaultsText({ name, faults }: DatasetFindings["keys"][number]): string[] {
  const known = faults.filter(({ remedy }) => remedy !== undefined);
  return known.map(
    ({ form, rows, remedy }) => `${printable(name)}: ${form} (${group(rows)} rows): ${remedy}`,
  );
}

function measuresText({ measures }: DatasetFindings): string {
  if (measures.length === 0) return "";
  const rows = measures.map(({ name, decimalsNeeded, nullShare, quantiles, bounds, ...clips }) => {
    const range = bounds === null ? "none given" : `${shown(bounds.low)} to ${shown(bounds.high)}`;
    const clipped = bounds === null ? "-" : `${group(clips.clippedBelow)} / ${group(clips.clippedAbove)}`;
    const { min, p1, median, p99, max } = quantiles;
    const spread = [min, p1, median, p99, max].map(shown);
    return [printable(name), ...spread, String(decimalsNeeded), percent(nullShare), range, clipped];
  });
  const head = ["sum per person", "least", "1 %", "median", "99 %", "most", "decimals", "empty"];
  const unbounded = measures.some(({ bounds }) => bounds === null);
  const advice = unbounded
    ? "\nBounds near the 1 % and 99 % quantiles need the least noise: try them with --measure NAME:LOW:HIGH:DECIMALS."
    : "";
  return `${drawTable([...head, "bounds", "clipped below / above"], rows, 1)}${advice}`;
}

/** Without trailing zeros. */
function shown(decimal: string): string {
  return decimal.replace(/(?:\.0+|(\.\d*?)0+)$/, "$1");
}

function dimensionsText({ dimensions, partitions, threshold }: DatasetFindings): string {
  if (dimensions.length === 0) return "";
  const ofLabels = dimensions.map(({ name, labels, nullShare, hopelessLabels }) => [
    printable(name),
    group(labels),
    group(hopelessLabels),
    percent(nullShare),
    "",
  ]);
  const ofCells = partitions.map(({ groupBy, cells, hopelessCells, peopleInHopelessCells }) => [
    groupBy.map(printable).join(" x ") || "(everybody)",
    group(cells),
    group(hopelessCells),
    "",
    group(peopleInHopelessCells),
  ]);
  const head = ["grouped by", "cells", `under ${threshold} people`, "empty", "people in those"];
  return (
    `${drawTable(head, [...ofLabels, ...ofCells], 1)}\n` +
    "A cell with fewer people than the threshold cannot pass with any partner: use coarser groups if there are many."
  );
}

function momentsText({ moments }: DatasetFindings): string {
  if (moments === null) return "";
  const { rowsWithout, earliest, latest, perPerson } = moments;
  const date = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
  const [median, most99, most] = perPerson.map(group);
  return (
    `time: ${date(earliest)} to ${date(latest)}; ${group(rowsWithout)} rows have none.\n` +
    `Rows per person: ${median} (median), ${most99} (99 %), ${most} at most.`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
