// The same endings over the TLS links of nodes, where close codes and timers do the work of the in-memory channel.
import { cut, drop, duplicate, flipField, runRole, truncate, withFault, type Fault } from "@halfroom/testkit";
import { otherRole } from "@halfroom/session";
import { expect, test } from "vitest";
import { tlsPair } from "../../packages/transport/test/tls-pair.ts";
import { SENT, expectAborted, failureOf, setup, type Endings, type Sent } from "./small-session.ts";

const PATIENT_MS = 60_000;

async function playOverLink(at: Sent, fault: Fault, idleMs = PATIENT_MS): Promise<Endings> {
  const pair = await tlsPair({ idleMs });
  // The sender proposes, so it is the one that calls.
  const ends = { sender: pair.caller, receiver: pair.listener };
  ends[at.role] = withFault(ends[at.role], at.index, fault);
  const [sender, receiver] = await Promise.all([
    runRole(setup(), "sender", ends.sender),
    runRole(setup(), "receiver", ends.receiver),
  ]);
  await pair.close();
  return { sender, receiver };
}

function firstOf(type: string, role: Sent["role"]): Sent {
  return SENT.find((sent) => sent.message.type === type && sent.role === role)!;
}

const store = firstOf("store", "sender");
const corrections = firstOf("otCorrections", "receiver");

test.each([
  ["truncated", store, truncate(), "malformed"],
  ["truncated", corrections, truncate(), "malformed"],
  ["duplicated", store, duplicate, "sequence"],
  ["duplicated", corrections, duplicate, "sequence"],
  ["flipped", store, flipField("data", 0.5), "transcript"],
  ["flipped", corrections, flipField("data", 0.5), "check"],
] as const)("%s", async (_, at, fault, code) => {
  expectAborted(await playOverLink(at, fault), at, code);
});

test.each([store, corrections])("the connection lost", async (at) => {
  const endings = await playOverLink(at, cut);
  expect(failureOf(endings.sender).code).toBe("closed");
  expect(failureOf(endings.receiver).code).toBe("closed");
});

test.each([store, corrections])("a message that never comes", async (at) => {
  const endings = await playOverLink(at, drop, 1000);
  for (const role of [at.role, otherRole(at.role)]) {
    expect(["timeout", "sequence"]).toContain(failureOf(endings[role]).code);
  }
});
