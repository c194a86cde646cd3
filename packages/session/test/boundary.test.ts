// Whatever protocol code throws ends a session by a code of the protocol; this side's own errors keep theirs.
import { InputError } from "@halfroom/prepare";
import { ProtocolError } from "@halfroom/wire";
import { GroupPool } from "@halfroom/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sessionError } from "../src/boundary.ts";
import { runSession } from "../src/pipeline.ts";
import { bothSides } from "./sides.ts";
import { siteOf } from "./sites.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test("a defect that shows in a session ends it as internal, with the stage, on both sides", async () => {
  const broken = new TypeError("cannot read p17@example.com");
  const site = {
    ...siteOf("sender"),
    takeUp: () => {
      throw broken;
    },
  };
  const seen: unknown[] = [];
  const ended = await bothSides(
    pool,
    async (link, input) => {
      try {
        return await runSession(link, input);
      } catch (error) {
        if (input.data.role === "sender") seen.push(error);
        throw error;
      }
    },
    { sender: { site } },
  );
  expect(ended.sender).toBe("internal");
  expect(seen[0]).toMatchObject({ code: "internal", phase: "agree", fromPartner: false, cause: broken });
  expect((seen[0] as Error).message).not.toContain("example.com");
});

test.each([
  new ProtocolError("check"),
  new InputError("empty", { file: "people.csv", remedy: "write a header row" }),
  Object.assign(new Error("full"), { code: "ENOSPC" }),
])("%s stays as it is", (error) => {
  expect(sessionError(error)).toBe(error);
});

test.each([
  new RangeError("Invalid typed array length"),
  Object.assign(new TypeError("argument"), { code: "ERR_INVALID_ARG_TYPE" }),
  "a text",
  undefined,
])("%s becomes internal", (error) => {
  expect(sessionError(error)).toMatchObject({ name: "ProtocolError", code: "internal" });
});
