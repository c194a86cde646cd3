import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  columnNames,
  formatDecimal,
  parseDecimal,
  parseReportTable,
  printable,
  reportCsv,
  reportJson,
  reportText,
  sharedColumnName,
} from "../src/index.ts";
import { readCsv } from "./read-csv.ts";
import { HOSTILE_LABELS, HUGE, SMALL_TABLE, hostileTable } from "./table.ts";

describe("decimals", () => {
  test.each([
    [0n, 0, "0"],
    [0n, 2, "0.00"],
    [-5n, 2, "-0.05"],
    [456789n, 2, "4567.89"],
    [HUGE, 2, "46116860184273879.03"],
    [-HUGE, 18, "-4.611686018427387903"],
  ])("%s scaled by 10^%s is written %s", (value, decimals, text) => {
    expect(formatDecimal(value, decimals)).toBe(text);
  });

  test("reading gives back what was written", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(20), (value, decimals) => {
        expect(parseDecimal(formatDecimal(value, decimals), decimals)).toBe(value);
      }),
    );
  });

  test("further zeros are exact, further digits are not", () => {
    expect(parseDecimal("+1.500", 1)).toBe(15n);
    expect(parseDecimal("1.501", 1)).toBeUndefined();
  });

  test.each(["", " 1", "1 ", "1.", ".5", "1e3", "0x10", "--1", "1,5", "٣", "Infinity", "NaN"])(
    "%j is no decimal",
    (text) => {
      expect(parseDecimal(text, 2)).toBeUndefined();
    },
  );
});

describe("columns", () => {
  test("a name used twice is found, people included", () => {
    const amount = { name: "amount" };
    expect(sharedColumnName({ groupBy: ["campaign"], measures: [amount] })).toBeUndefined();
    expect(sharedColumnName({ groupBy: ["people"], measures: [amount] })).toBe("people");
    expect(sharedColumnName({ groupBy: ["amount"], measures: [amount] })).toBe("amount");
    expect(sharedColumnName({ groupBy: [], measures: [amount, amount] })).toBe("amount");
  });
});

describe("JSON", () => {
  test("the text, to the letter", () => {
    expect(reportJson(SMALL_TABLE, { seconds: 1.5 })).toBe(
      [
        "{",
        '  "cells": [',
        '    { "campaign": "spring", "people": 1234, "amount": -0.05 }',
        "  ],",
        '  "suppressed": 2,',
        '  "cellsTotal": 3,',
        '  "seconds": 1.5',
        "}\n",
      ].join("\n"),
    );
  });

  test("JSON.parse reads hostile labels and names as they were", () => {
    const table = hostileTable();
    const { cells } = JSON.parse(reportJson(table));
    cells.forEach((cell: object, i: number) => {
      const values = new Map(Object.entries(cell));
      expect([...values.keys()].sort()).toEqual(columnNames(table).sort());
      expect(table.groupBy.map((name) => values.get(name))).toEqual(table.cells[i]!.labels);
      expect(values.get("people")).toBe(50 + i);
    });
  });

  test("numbers stand in the text digit for digit", () => {
    const text = reportJson(hostileTable());
    expect(text).toContain(": 46116860184273879.03,");
    expect(text).toContain(": -46116860184273879.03,");
    expect(text).toContain(": -0.000000000000000015 }");
  });

  test("a terminal that shows the text has nothing to obey", () => {
    expect(reportJson(hostileTable())).not.toMatch(/[^\n\P{C}]/u);
  });

  test("the table comes back exactly", () => {
    const table = hostileTable();
    expect(parseReportTable(reportJson(table, { dropped: { "1.5 e": 2 } }), table)).toEqual(table);
    const sender = { ...table, cells: [], suppressed: undefined, cellsTotal: undefined };
    expect(parseReportTable(reportJson(sender), sender)).toEqual(sender);
  });

  test.each(["", "{}", '{"cells": [{}]}', '{"cells": [{"campaign": "a", "people": 1, "amount": 0.001}]}'])(
    "%j is no report",
    (text) => {
      expect(() => parseReportTable(text, SMALL_TABLE)).toThrow();
    },
  );
});

describe("CSV", () => {
  test("the text, to the letter", () => {
    expect(reportCsv(SMALL_TABLE)).toBe("campaign,people,amount\r\nspring,1234,-0.05\r\n");
  });

  test("a reader that strips the guard has every label and number back", () => {
    const table = hostileTable();
    const [head, ...rows] = readCsv(reportCsv(table));
    expect(head!.map((name) => name.replace(/^'/, ""))).toEqual(columnNames(table));
    rows.forEach(([first, second, people, ...sums], i) => {
      const cell = table.cells[i]!;
      expect([first, second].map((label) => label!.replace(/^'/, ""))).toEqual(cell.labels);
      expect(people).toBe(cell.people.toString());
      expect(sums.map((sum, m) => parseDecimal(sum, table.measures[m]!.decimals))).toEqual(cell.sums);
    });
    expect(rows).toHaveLength(table.cells.length);
  });

  test("no text begins like a formula, not even after blanks", () => {
    const table = hostileTable();
    const texts = readCsv(reportCsv(table)).flatMap((row, i) => (i === 0 ? row : row.slice(0, 2)));
    expect(texts.filter((text) => /^[=+\-@\uFF1D]/.test(text.trim()))).toEqual([]);
  });
});

describe("terminal", () => {
  const ESCAPE = "\u001b";

  test("numbers, and what was suppressed", () => {
    const text = reportText(SMALL_TABLE, { colors: false });
    expect(text).toMatch(/campaign.*people.*amount/);
    expect(text).toMatch(/spring.*1,234.*-0\.05/);
    expect(text).toContain("2 of 3 cells suppressed: under the threshold of 50 people");
  });

  test("the sender is told that it cannot know what was suppressed", () => {
    const text = reportText(
      { ...SMALL_TABLE, suppressed: undefined, cellsTotal: undefined },
      { colors: false },
    );
    expect(text).toContain("under the threshold of 50 people");
    expect(text).not.toContain("suppressed");
  });

  test("with nothing released there is no table, only the reason", () => {
    const text = reportText({ ...SMALL_TABLE, cells: [], suppressed: 3 }, { colors: false });
    expect(text).toBe(
      "3 of 3 cells suppressed: under the threshold of 50 people, so nothing of them was opened.\n",
    );
  });

  test("no label reaches the terminal as a command", () => {
    const text = reportText(hostileTable(), { colors: false });
    expect(text.match(/[^\n\P{C}]/gu)).toBeNull();
    expect(text).toContain("\\u{1b}[31mred");
    expect(text).toContain("abc\\u{202e}fdp.exe");
    expect(text).toContain("46,116,860,184,273,879.03");
  });

  test("colours are there only when asked for", () => {
    expect(reportText(SMALL_TABLE, { colors: true })).toContain(`${ESCAPE}[1m`);
    expect(reportText(SMALL_TABLE, { colors: false })).not.toContain(ESCAPE);
  });

  test("a long label is cut and a long table ends with a count", () => {
    const cell = SMALL_TABLE.cells[0]!;
    const cells = Array.from({ length: 203 }, () => ({ ...cell, labels: ["x".repeat(1024)] }));
    const text = reportText({ ...SMALL_TABLE, cells }, { colors: false });
    expect(text).toContain("3 more cells are in the JSON and CSV reports.");
    expect(text).not.toContain("x".repeat(41));
  });

  test("printable text has one line and shows what it replaced", () => {
    for (const label of HOSTILE_LABELS) expect(printable(label)).not.toMatch(/\p{C}/u);
    expect(printable("a\r\nb")).toBe("a\\u{d}\\u{a}b");
  });
});
