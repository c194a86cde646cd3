// The recorded sessions, with whatever randomness: to an auditor with both halves each of them is honest, whatever report it makes.
import { GroupPool } from "@halfroom/crypto";
import { encodedItems } from "@halfroom/session";
import { sessionData, withCsvFiles } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { play } from "../../../packages/session/test/played.ts";
import { replaySession } from "../../../packages/session/src/replay/replay.ts";
import { INPUTS } from "./inputs.ts";
import { prepareFor } from "./prepare.ts";

let pool: GroupPool;
let auditors: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
  auditors = await GroupPool.open(2);
});
afterAll(async () => {
  await pool.close();
  await auditors.close();
});

test.each(INPUTS)("$name", async (input) => {
  const { terms } = input;
  const data = await withCsvFiles(input, (files) => prepareFor(files, terms));
  const changesOf = <R extends "sender" | "receiver">(role: R) => ({
    terms,
    data: sessionData(data[role], role),
    takeIdentifiers: () => encodedItems(data[role]),
  });
  const { agreement, sides, ends } = await play(pool, undefined, {
    sender: changesOf("sender"),
    receiver: changesOf("receiver"),
  });
  expect(ends).toEqual({ sender: "done", receiver: "done" });
  expect(await replaySession(agreement, sides, auditors)).toMatchObject({ verdict: "clean" });
});
