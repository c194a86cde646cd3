// Each combination of what the flags list, those that differ in transfers and link alone one after the other.
import { expect, test } from "vitest";
import type { Flags } from "../src/flags.ts";
import { lineText } from "../src/line/line.ts";
import { casesOf } from "../src/sessions/cases.ts";

const FLAGS = { cells: "64", measures: "1", transfers: "softspoken" } as Flags;
const words = (flags: Partial<Flags>) =>
  casesOf({ ...FLAGS, ...flags } as Flags).map(({ sizes, transfers, link }) => {
    const { senderPeople, receiverPeople, cells, measures } = sizes;
    return [senderPeople, receiverPeople, cells, measures, transfers, lineText(link)].join(" ");
  });

test("transfers in turn within a link, links within a size", () => {
  const link = "none/80ms,100mbit";
  expect(words({ rows: "1000", cells: "16,64", transfers: "softspoken,silent", link })).toEqual([
    "1000 1000 16 1 softspoken none",
    "1000 1000 16 1 silent none",
    "1000 1000 16 1 softspoken 80ms,100mbit",
    "1000 1000 16 1 silent 80ms,100mbit",
    "1000 1000 64 1 softspoken none",
    "1000 1000 64 1 silent none",
    "1000 1000 64 1 softspoken 80ms,100mbit",
    "1000 1000 64 1 silent 80ms,100mbit",
  ]);
});

test("people of both sides, and sums", () => {
  expect(words({ rows: "10,20", "sender-rows": "5", measures: "1,4" })).toEqual([
    "5 10 64 1 softspoken none",
    "5 20 64 1 softspoken none",
    "5 10 64 4 softspoken none",
    "5 20 64 4 softspoken none",
  ]);
});

test("by itself three sizes and two unequal pairs; over a line one size", () => {
  expect(words({})).toHaveLength(5);
  expect(words({ full: true })).toHaveLength(6);
  expect(words({ link: "80ms,100mbit" })).toEqual(["100000 100000 64 1 softspoken 80ms,100mbit"]);
});
