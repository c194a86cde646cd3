// What preview and approvals say of a session: for both kinds of report, and both kinds of software at the partner.
import type { Terms } from "@halfroom/session";
import { TERMS } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { describe as disclose } from "../src/policy/describe.ts";

const exact: Terms = { ...TERMS, release: { mode: "exact" } };
const saying = (terms: Terms) => {
  const { report, weLearn, partnerLearns } = disclose(terms, "sender", undefined);
  return { report: report.join(" "), we: weLearn.join(" "), partner: partnerLearns.join(" ") };
};

describe.each([
  ["noise", TERMS],
  ["exact", exact],
] as const)("%s", (_, terms) => {
  test("what unchanged software keeps and what changed software takes are told apart", () => {
    const { partner } = saying(terms);
    expect(partner).toContain("With this software unchanged, nothing else");
    expect(partner).toContain("With changed software, more");
    expect(partner).toContain("whatever the noise");
  });

  test("nothing is promised of what we learn beyond numbers and sizes", () => {
    expect(saying(terms).we).not.toMatch(/never|nobody/i);
  });
});

test("with noise the noisy number is the one that is tested, and what noise bounds is bound to unchanged software", () => {
  const { report } = saying(TERMS);
  expect(report).toContain("noise included, are at least 100");
  expect(report).toMatch(/Where both run this software unchanged, this bounds/);
});

test("an exact report says what a sum can show of one person", () => {
  const { report } = saying(exact);
  expect(report).toContain("a sum that one person dominates");
  expect(report).not.toContain("noise included");
});

test("an index says that the sender is told how many people the receiver has, and under whose noise", () => {
  const index: Terms = { ...TERMS, report: "index", senderGroupBy: [], resultTo: "both" };
  const told = /How many people (the partner has|we have) in each of these cells/;
  expect(saying(index).we).toMatch(told);
  expect(saying(index).we).toContain("which has a share of epsilon");
  expect(saying({ ...index, release: { mode: "exact" } }).we).toContain("in all other cells together");
  expect(saying(index).partner).not.toMatch(told);
  expect(disclose(index, "receiver", undefined).partnerLearns.join(" ")).toMatch(told);
  expect(saying({ ...index, report: "sums" }).we).not.toMatch(told);
  expect(saying({ ...index, resultTo: "receiver" }).we).not.toMatch(told);
});
