// The same endings over TLS, where close codes and timers do what the memory channel does by itself.
import { cut, drop, duplicate, flipField, runRole, truncate, withFault, type Fault } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { tlsPair } from "../../packages/transport/test/tls-pair.ts";
import { SENT, expectAborted, failureOf, other, setup, type Endings, type Sent } from "./small-session.ts";

const PATIENT_MS = 60_000;

async function playOverSocket(at: Sent, fault: Fault, idleMs = PATIENT_MS): Promise<Endings> {
  const { caller, listener, close } = await tlsPair({ idleMs, resumeMs: 0 });
  const ends = { sender: caller, receiver: listener };
  ends[at.role] = withFault(ends[at.role], at.index, fault);
  const endings = await Promise.all([
    runRole(setup(), "sender", ends.sender),
    runRole(setup(), "receiver", ends.receiver),
  ]);
  await close();
  return { sender: endings[0], receiver: endings[1] };
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
  ["flipped", corrections, flipField("data", 0.5), "transcript"],
] as const)("%s", async (_, at, fault, code) => {
  expectAborted(await playOverSocket(at, fault), at, code);
});

test.each([store, corrections])("the connection lost", async (at) => {
  const endings = await playOverSocket(at, cut);
  expect(failureOf(endings.sender).code).toBe("closed");
  expect(failureOf(endings.receiver).code).toBe("closed");
});

test.each([store, corrections])("a message that never comes", async (at) => {
  const endings = await playOverSocket(at, drop, 1000);
  for (const role of [at.role, other(at.role)]) {
    expect(["timeout", "sequence"]).toContain(failureOf(endings[role]).code);
  }
});
