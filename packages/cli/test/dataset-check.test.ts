// The flight check as text: how the files were read.
import type { DatasetFindings } from "@halfroom/node";
import { expect, test } from "vitest";
import { checkText } from "../src/commands/node/dataset-check.ts";

type Source = DatasetFindings["source"];

function textOf(source: Partial<Source>): string {
  const plain: Source = { files: 1, emptyFiles: 0, passedOver: [], gaps: [], delimiters: [], encodings: [] };
  const nothing = {
    dropped: [],
    keys: [],
    measures: [],
    dimensions: [],
    partitions: [],
    moments: null,
    problems: [],
  };
  const counts = { rows: 2, people: 2, optedOut: 0, merged: 0, filtered: 0, threshold: 100, digest: "00" };
  return checkText({ dataset: "crm", ...counts, ...nothing, source: { ...plain, ...source } });
}

test("a plain file is a line, a database none", () => {
  expect(textOf({ delimiters: ["comma"], encodings: ["utf-8"] })).toContain("\n\n1 file read.\n\n");
  expect(textOf({ files: 0 })).not.toContain("read");
});

test("empty files, separators, encodings, gaps and files passed over are named", () => {
  const text = textOf({
    files: 4,
    emptyFiles: 1,
    passedOver: ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt", "odd\u001b.txt"],
    gaps: [{ column: "amount", files: 2 }],
    delimiters: ["comma", "semicolon"],
    encodings: ["utf-8", "utf-16le"],
  });
  expect(text).toContain("4 files read, of which 1 empty.");
  expect(text).toContain("Fields are separated by comma, semicolon.");
  expect(text).toContain("Encodings: utf-8, utf-16le.");
  expect(text).toContain('Column "amount" is missing in 2 of 3 files, and NULL in their rows.');
  expect(text).toContain("Passed over, for their endings: a.txt, b.txt, c.txt, d.txt, e.txt and 2 more.");
});
