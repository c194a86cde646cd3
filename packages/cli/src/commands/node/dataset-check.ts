// The flight check of a dataset in words and as JSON.
import type { DatasetCheck } from "@halfroom/node";
import { drawTable, formatDecimal, group, printable } from "@halfroom/report";

/** All numbers of measures are decimal strings, so that no reader rounds them. */
export function checkJson(check: DatasetCheck): string {
  const { measures, moments, ...rest } = check;
  const plain = {
    ...rest,
    measures: measures.map(({ quantiles, low, high, ...measure }) => {
      const text = (value: bigint) => formatDecimal(value, measure.decimals);
      const [min, p1, median, p99, max] = quantiles.map(text);
      const bounds = low === undefined || high === undefined ? null : { low: text(low), high: text(high) };
      return { ...measure, quantiles: { min, p1, median, p99, max }, bounds };
    }),
    moments: moments ?? null,
  };
  return `${JSON.stringify(plain, undefined, 2)}\n`;
}

export function checkText(check: DatasetCheck): string {
  const blocks = [
    rowsText(check),
    droppedText(check),
    keysText(check),
    measuresText(check),
    dimensionsText(check),
    momentsText(check),
    `digest: ${check.digest}`,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function rowsText({ dataset, rows, people, merged, filtered, dropped }: DatasetCheck): string {
  const lost = dropped.reduce((sum, each) => sum + each.rows, 0);
  return (
    `${dataset}: ${group(rows)} rows, ${group(people)} people.\n` +
    `${group(merged)} rows of people who had one before, ${group(filtered)} rows filtered out, ${group(lost)} rows dropped.`
  );
}

function droppedText({ dropped }: DatasetCheck): string {
  if (dropped.length === 0) return "";
  const rows = dropped.map(({ reason, rows: count, examples }) => {
    const places = examples.map(({ file, row }) => `${file} ${row}`).map(printable);
    return [printable(reason), group(count), places.join("\n")];
  });
  return drawTable(["dropped: reason", "rows", "first rows"], rows, 1);
}

function keysText({ keys }: DatasetCheck): string {
  const rows = keys.map(({ name, rules, people, invalidRows, shared, several }) => [
    printable(name),
    printable(rules),
    ...[people, invalidRows, shared, several].map(group),
  ]);
  const head = ["found by", "rules", "people", "invalid rows", "shared by people", "people with several"];
  return drawTable(head, rows, 2);
}

function measuresText({ measures }: DatasetCheck): string {
  if (measures.length === 0) return "";
  const rows = measures.map(({ name, decimals, decimalsNeeded, nullShare, quantiles, ...bounds }) => {
    const { low, high, clippedBelow, clippedAbove } = bounds;
    const shown = (value: bigint) => formatDecimal(value, decimals).replace(/(?:\.0+|(\.\d*?)0+)$/, "$1");
    const range = low === undefined || high === undefined ? "none given" : `${shown(low)} to ${shown(high)}`;
    const clipped = low === undefined ? "-" : `${group(clippedBelow)} / ${group(clippedAbove)}`;
    const spread = quantiles.map(shown);
    return [printable(name), ...spread, String(decimalsNeeded), percent(nullShare), range, clipped];
  });
  const head = ["sum of a person", "least", "1 %", "median", "99 %", "most", "decimals", "empty"];
  const unbounded = measures.some(({ low }) => low === undefined);
  const advice = unbounded
    ? "\nBounds near the 1 % and 99 % quantiles cost least noise: try them with --measure NAME:LOW:HIGH:DECIMALS."
    : "";
  return `${drawTable([...head, "bounds", "clipped below / above"], rows, 1)}${advice}`;
}

function dimensionsText({ dimensions, partitions, threshold }: DatasetCheck): string {
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
    "A cell of fewer people than the threshold can pass with no partner: take coarser groups if there are many."
  );
}

function momentsText({ moments }: DatasetCheck): string {
  if (moments === undefined) return "";
  const { rowsWithout, earliest, latest, perPerson } = moments;
  const date = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
  const [median, most99, most] = perPerson.map(group);
  return (
    `time: ${date(earliest)} to ${date(latest)}; ${group(rowsWithout)} rows have none.\n` +
    `Rows of a person: ${median} (median), ${most99} (99 %), ${most} at most.`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
