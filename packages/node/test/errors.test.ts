// The one list of operator errors: each code documented once, everything that a verb can reject with mapped to one.
import { readFileSync } from "node:fs";
import { ScratchError } from "@halfroom/crypto";
import { INPUT_ERRORS, InputError, type InputErrorCode } from "@halfroom/prepare";
import { ERROR_CODES, ProtocolError, type ErrorCode } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import {
  EXIT,
  OPERATOR_ERRORS,
  OperatorError,
  refusedBy,
  safeWords,
  toOperatorError,
} from "../src/errors.ts";

const DOCUMENT = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const ROW = /^\| `([a-z-]+)` +\| (\d+(?: \+ n)?) +\| (.+?) +\|$/gm;

test("docs/errors.md lists each code once, with its exit code and meaning", () => {
  const documented = [...DOCUMENT.matchAll(ROW)].map(([, code, exit, means]) => [code, exit, means]);
  const listed = Object.entries(OPERATOR_ERRORS).map(([code, { exit, means }]) => [
    code,
    code === "stopped" ? "128 + n" : String(exit),
    means,
  ]);
  expect(documented).toEqual(listed);
});

describe("errors of other layers", () => {
  test.each(Object.keys(INPUT_ERRORS) as InputErrorCode[])("data: %s is bad input", (code) => {
    const cause = new InputError(code, { file: "people.csv", row: 3, remedy: "Mend it." });
    const error = toOperatorError(cause) as OperatorError;
    expect(error).toMatchObject({ code: `data-${code}`, exit: EXIT.badInput, message: cause.message, cause });
  });

  test.each(Object.keys(ERROR_CODES) as ErrorCode[])("protocol: %s fails the session", (code) => {
    const cause = new ProtocolError(code, "words", { fromPartner: true });
    cause.phase = "match";
    const error = toOperatorError(cause) as OperatorError;
    expect(error.toJSON()).toEqual({
      code: `protocol-${code}`,
      words: `${code} during match: the partner ended it: words`,
    });
    expect(error.exit).toBe(code === "refused" ? EXIT.refused : EXIT.protocolFailure);
  });

  test("a scratch folder without room is for the operator to mend", () => {
    const cause = new ScratchError("the scratch folder cannot be written to or read from (ENOSPC)");
    expect(toOperatorError(cause)).toMatchObject({
      code: "folder",
      message: expect.stringMatching(/\(ENOSPC\): free space on its disk, or name another folder/),
      cause,
    });
    expect(safeWords(cause)).toBe(cause.message);
  });

  test("a defect stays as it is: its words may quote data", () => {
    const defect = new TypeError("x");
    expect(toOperatorError(defect)).toBe(defect);
  });
});

test("a refusal names its reasons, a line each, and whose policy it is", () => {
  const reasons = [
    { code: "budget", words: "too little is left" },
    { code: "sum", words: "not this column" },
  ] as const;
  expect(refusedBy("us", reasons)).toMatchObject({
    code: "refused-here",
    exit: EXIT.refused,
    message: "refused by this node's own policy:\n- too little is left\n- not this column",
    reasons,
  });
  expect(refusedBy("partner", reasons).code).toBe("refused-there");
});

test("as JSON an error is its code and its words, and no cause", () => {
  const error = new OperatorError("file", "Cannot read a.yaml (ENOENT).", { cause: new Error("secret") });
  expect(JSON.parse(JSON.stringify({ error }))).toEqual({
    error: { code: "file", words: "Cannot read a.yaml (ENOENT)." },
  });
});

test("a log is told what kind of defect it was, and nothing that the defect quotes", () => {
  const cause = new TypeError("cannot read p17@example.com");
  expect(safeWords(new ProtocolError("internal", undefined, { cause }))).toMatch(/ \(TypeError\)$/);
  expect(safeWords(cause)).toBe("TypeError");
});
