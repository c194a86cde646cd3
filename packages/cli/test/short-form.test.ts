// The short form of a rehearsal: the request that its flags make.
import { parseRequest } from "@halfroom/node";
import { describe, expect, test } from "vitest";
import { shortRequest, type ShortForm } from "../src/rehearsal/short-form.ts";
import { failure } from "./failure.ts";

const FLAGS: ShortForm = {
  match: ["email"],
  measure: ["amount:-0.5:500:2"],
  "group-by": ["campaign,age_band"],
  exact: true,
};

test("the flags make a request of the sender's, and its text says the same", () => {
  const { request, text, match } = shortRequest({
    ...FLAGS,
    "group-by": ["a,b", "c"],
    threshold: "50",
    "ot-k": "8",
  });
  expect(request).toMatchObject({
    report: "sums",
    role: "sender",
    match: ["email"],
    measures: [{ name: "amount", low: "-0.50", high: "500.00", decimals: 2 }],
    partitions: [["a", "b", "c"]],
    threshold: 50,
    release: { mode: "exact" },
    resultTo: "both",
    otK: 8,
  });
  expect(parseRequest(text, "text")).toEqual(request);
  expect(match).toEqual([]);
});

test("without --exact there is noise, epsilon 1 unless told otherwise, and 100 people are the threshold", () => {
  const { request } = shortRequest({ ...FLAGS, exact: false });
  expect(request).toMatchObject({ threshold: 100, release: { mode: "noise", microEpsilon: 1_000_000 } });
  expect(shortRequest({ ...FLAGS, exact: false, epsilon: "0.25" }).request.release).toMatchObject({
    microEpsilon: 250_000,
  });
});

test("several keys, by name or with their columns", () => {
  expect(shortRequest({ ...FLAGS, match: ["email,phone"] }).request.match).toEqual(["email", "phone"]);
  const flags = ["phone", "email=mail", "card:custom=card_no"];
  expect(shortRequest({ ...FLAGS, match: flags })).toMatchObject({
    request: { match: ["phone", "email", "card"] },
    match: ["email=mail", "card:custom=card_no"],
  });
});

describe("flags that do not make a request", () => {
  test.each([
    [{ threshold: "10" }, 4, "--threshold 10 is refused"],
    [{ threshold: "0" }, 4, "--threshold 0 is refused"],
    [{ threshold: "-5" }, 2, "--threshold -5"],
    [{ threshold: "1e3" }, 2, "--threshold 1e3"],
    [{ threshold: "50.0" }, 2, "--threshold 50.0"],
    [{ threshold: "" }, 2, "--threshold"],
    [{ epsilon: "1" }, 2, "--exact and --epsilon"],
    [{ exact: false, epsilon: "1e-3" }, 2, "--epsilon 1e-3"],
    [{ exact: false, epsilon: "0" }, 2, "epsilon"],
    [{ exact: false, epsilon: "101" }, 2, "epsilon"],
    [{ "group-by": ["a,,b"] }, 2, "empty column"],
    [{ "group-by": ["people"] }, 2, '"people"'],
    [{ "group-by": ["amount"] }, 2, '"amount"'],
    [{ measure: ["amount:0:1:0", "amount:0:2:0"] }, 2, '"amount"'],
    [{ measure: ["amount:0:1:10"] }, 2, "decimals"],
    [{ match: ["email,phone,maid,card"] }, 2, "match keys"],
    [{ match: ["email", "email"] }, 2, "match"],
  ])("%j ends with %i", (flags, exitCode, words) => {
    const thrown = failure(() => shortRequest({ ...FLAGS, ...flags }));
    expect(thrown.exit).toBe(exitCode);
    expect(thrown.message).toContain(words);
    expect(thrown.message.split("\n").length).toBeLessThanOrEqual(2);
  });

  test("11 is the smallest threshold", () => {
    expect(shortRequest({ ...FLAGS, threshold: "11" }).request.threshold).toBe(11);
  });
});
