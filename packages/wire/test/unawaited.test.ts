import { expect, test } from "vitest";
import { detached, guarded, ignored, ProtocolError } from "../src/index.ts";

const defect = new TypeError("cannot read");
const raise = (error: Error) => {
  throw error;
};

test("what a callback throws is told as an error of the protocol, with what it was called with", () => {
  const told: unknown[] = [];
  const callback = guarded(raise, (error, given) => told.push(error, given));
  const closed = new ProtocolError("closed");
  callback(closed);
  callback(defect);
  expect(told[0]).toBe(closed);
  expect(told[2]).toMatchObject({ code: "internal", cause: defect });
  expect([told[1], told[3]]).toEqual([closed, defect]);
  expect(() => guarded(raise, raise)(defect)).not.toThrow();
});

test.each([
  ["rejects", () => Promise.reject(defect)],
  ["throws at once", () => raise(defect)],
])("a promise that is let go and %s is told likewise", async (_, work) => {
  const told = await new Promise((resolve) => detached(work, resolve));
  expect(told).toMatchObject({ code: "internal", cause: defect });
  detached(work, raise);
  detached(work, ignored);
});
