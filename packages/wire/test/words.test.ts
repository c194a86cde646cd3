// Names that others chose, in our sentences and tables.
import { describe, expect, it } from "vitest";
import { named, printable, quoted } from "../src/words.ts";

describe("in a sentence", () => {
  it.each([
    ["campaign", '"campaign"'],
    ["L'Oréal", `"L'Oréal"`],
    ["Großkunden 日本 é", '"Großkunden 日本 é"'],
    ["", '""'],
    ['x" and "y', String.raw`"x\u{22} and \u{22}y"`],
    ["x\u201d and \u201cy", String.raw`"x\u{201d} and \u{201c}y"`],
    ["\u00abx\u00bb \u300cy\u300d \uff02z", String.raw`"\u{ab}x\u{bb} \u{300c}y\u{300d} \u{ff02}z"`],
    ["x'' y\u2033", String.raw`"x'\u{27} y\u{2033}"`],
    [String.raw`\u{22}`, String.raw`"\u{5c}u{22}"`],
    ["a\u3000b\u00a0c", String.raw`"a\u{3000}b\u{a0}c"`],
    [" a  b ", String.raw`"\u{20}a \u{20}b\u{20}"`],
    ["\u0301a", String.raw`"\u{301}a"`],
    ["\u202ea\u200bb\u2028c\ufeff", String.raw`"\u{202e}a\u{200b}b\u{2028}c\u{feff}"`],
    ["\u001b[2J\u009b1m\r\n\t\0", String.raw`"\u{1b}[2J\u{9b}1m\u{d}\u{a}\u{9}\u{0}"`],
    ["\u3164\u2800\u115f", String.raw`"\u{3164}\u{2800}\u{115f}"`],
    ["\ud800 \u{e0041}", String.raw`"\u{d800} \u{e0041}"`],
    ["a \u2502 b", String.raw`"a \u{2502} b"`],
  ])("%j is %s", (name, shown) => {
    expect(quoted(name)).toBe(shown);
  });

  it("every character of the first planes leaves the quotation whole, and no two look the same", () => {
    const all = Array.from({ length: 0x20000 }, (_, code) => quoted(`a${String.fromCodePoint(code)}b`));
    expect(all.filter((shown) => !/^"[^"\p{C}\p{Zl}\p{Zp}]*"$/u.test(shown))).toEqual([]);
    expect(all.filter((shown) => printable(shown) !== shown)).toEqual([]);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("in a cell", () => {
  it.each(["18-34", "Brand “Film”", "a\\b", 'a "word"', "x | y", "45+"])("%j stands as it is", (name) => {
    expect(named(name)).toBe(name);
  });

  it.each(["", '"a"', " a", "a  b", "a\u3000b", "North\u2502 9", "\u001b[31m", "\u202e", "\u0301"])(
    "%j stands in quotation marks",
    (name) => {
      expect(named(name)).toBe(quoted(name));
    },
  );
});
