// Every message of a session cut to zero bytes, and the connection ended in its place.
import { cut, truncate } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import { BEFORE_LAST, expectAborted, failureOf, play, SENT_SILENTLY, titled } from "./small-session.ts";

describe("cut down to nothing", () => {
  test.each(titled([...BEFORE_LAST, ...SENT_SILENTLY]))("%s", async (_, at) => {
    expectAborted(await play(at, truncate(Infinity)), at, "malformed");
  });
});

describe("the connection ends in its place", () => {
  test.each(titled([...BEFORE_LAST, ...SENT_SILENTLY]))("%s", async (_, at) => {
    const endings = await play(at, cut);
    expect(failureOf(endings.sender).code).toBe("closed");
    expect(failureOf(endings.receiver).code).toBe("closed");
  });
});
