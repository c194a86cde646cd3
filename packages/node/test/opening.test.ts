// Whether anything can open, as one side knows before a session.
import { TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import type { SessionData, Terms } from "@halfroom/session";
import { openingOf } from "../src/policy/opening.ts";

const EXACT: Terms = { ...TERMS, release: { mode: "exact" }, threshold: 100 };
/** The receiver's, with so many people in each cell. */
const having = (...base: number[]) => {
  const people = base.reduce((sum, each) => sum + each, 0);
  return {
    role: "receiver",
    people: { people, partitions: [{ base: Uint32Array.from(base) }] },
  } as unknown as SessionData;
};

test("an exact number needs the threshold of people who match, and as many who do not", () => {
  expect(openingOf(EXACT, having(200, 199), undefined)).toMatchObject({
    canOpen: true,
    cells: 1,
    cellsTotal: 2,
  });
  expect(openingOf(EXACT, having(199, 199), undefined)).toMatchObject({ canOpen: false, cells: 0 });
  expect(openingOf(EXACT, having(199, 199), undefined).words).toMatch(
    /^Nothing could open: .* has 199 people, and it takes 200/,
  );
});

test("with noise a cell opens from the threshold on", () => {
  expect(openingOf(TERMS, having(99, 100), undefined)).toMatchObject({ canOpen: true, cells: 1 });
  expect(openingOf(TERMS, having(99, 99), undefined)).toMatchObject({ canOpen: false, cells: 0 });
});

test("a partner with too few people closes everything", () => {
  expect(openingOf(EXACT, having(500), 199).words).toMatch(/the partner stated 199 people, and it takes 200/);
  expect(openingOf(EXACT, having(500), 200).canOpen).toBe(true);
});

test("totals stand for the people of closed cells too", () => {
  expect(openingOf({ ...EXACT, totals: true }, having(150, 150), undefined).canOpen).toBe(true);
});
