// Lines that somebody outside causes: some, then a sum.
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openLog } from "../src/serve/log.ts";
import { QuietLog } from "../src/serve/quiet-log.ts";

function logged() {
  const lines: { msg: string; more?: number; kind?: string }[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()));
      sink.emit("line");
      done();
    },
  });
  return { lines, sink, log: pino(sink) };
}

test("of 5,000 lines of one kind ten are written, and how many more there were; other kinds are as before", async () => {
  const { lines, sink, log } = logged();
  const quiet = new QuietLog(log, 200);
  for (let i = 0; i < 5000; i++) quiet.warn("refused rate", { i }, "connection refused");
  quiet.info("answered acme", {}, "proposal answered");
  expect(lines).toHaveLength(11);
  await once(sink, "line");
  expect(lines.at(-1)).toMatchObject({ kind: "refused rate", more: 4990 });
  quiet.warn("refused rate", {}, "connection refused");
  expect(lines.at(-1)).toMatchObject({ msg: "connection refused" });
});

test("at the end nothing is left unsaid", () => {
  const { lines, log } = logged();
  const quiet = new QuietLog(log, 60_000);
  for (let i = 0; i < 12; i++) quiet.warn("ended acme closed", {}, "connection ended");
  quiet.end();
  expect(lines.at(-1)).toMatchObject({ kind: "ended acme closed", more: 2 });
});

test.runIf(existsSync("/dev/full"))("a log on a full disk drops lines, and never throws", () => {
  const fd = openSync("/dev/full", "w");
  onTestFinished(() => closeSync(fd));
  const log = openLog({ log_level: "info" }, fd);
  for (let i = 0; i < 20_000; i++) log.info({ more: "x".repeat(200) }, "connection refused");
});
