// Nothing that runs outside of an awaited call can throw or reject uncaught, which would end the process and all of its sessions.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unbounded } from "./callbacks.ts";

const PACKAGES = new URL("../../packages/", import.meta.url);
/**
 * The boundaries themselves; the benchmark, and what is for tests alone; the command, whose process ends with what it cannot print; and
 * rehearsals, whose processes are those of one command and hear no partner.
 */
const LEFT_OUT =
  /^(?:wire\/src\/unawaited\.ts|bench\/|testkit\/|cli\/src\/(?:command\.ts|rehearsal\/(?:side|side-process)\.ts))/;

const files = readdirSync(PACKAGES, { recursive: true, encoding: "utf8" }).filter(
  (file) => /^[a-z-]+\/src\/.*\.ts$/.test(file) && !LEFT_OUT.test(file),
);

test("every callback and every promise that is let go has a boundary", () => {
  expect(files.length).toBeGreaterThan(300);
  const found = files.flatMap((file) => unbounded(readFileSync(new URL(file, PACKAGES), "utf8"), file));
  expect(found.map((each) => `${each}\n    goes through guarded or detached of @halfroom/wire`)).toEqual([]);
});

test.each([
  "setTimeout(() => work(), 5);",
  "setInterval(work, 5);",
  "queueMicrotask(() => { throw wrong; });",
  "process.nextTick(async () => await work());",
  'socket.on("data", (data) => data.read());',
  'socket.once("close", this.#left);',
  'socket.once("error", reject);',
  'signal.addEventListener("abort", () => work());',
  "createServer((socket) => work(socket));",
  "socket.send(data, () => work());",
  "void work();",
  "void work().catch(() => other());",
  "work().then(() => {});",
  "work().then(() => other(), () => {});",
  "const late = () => work(); setTimeout(late, 5);",
  "setTimeout(() => detached(work(), failed), 5);",
])("is found: %s", (text) => {
  expect(unbounded(text, "a.ts")).toHaveLength(1);
});

test.each([
  "setTimeout(guarded(() => work(), failed), 5);",
  "const late = guarded(() => work(), failed); setTimeout(late, 5);",
  'socket.on("error", () => {});',
  'socket.on("close", () => clearTimeout(timer));',
  'socket.on("close", () => { gone = true; resolve(new ProtocolError("closed")); });',
  "detached(() => work(), failed);",
  "setTimeout(() => detached(() => work(), failed), 5);",
  "work().catch(() => {});",
  "work().then(resolve, reject);",
  "await work().then(() => other());",
  'await once(socket, "close");',
  "await pause(5);",
])("is let pass: %s", (text) => {
  expect(unbounded(text, "a.ts")).toEqual([]);
});
