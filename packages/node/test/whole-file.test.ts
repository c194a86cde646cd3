// Small files: whole or as they were, for their owner alone, and nothing left behind.
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openState } from "../src/node-state.ts";
import { initNode } from "../src/api/init.ts";
import { replacePrivateFile, writePrivateFile } from "../src/store/private-file.ts";
import { emptyFolder } from "./home.ts";
import { scratchFolder } from "./fixtures.ts";

const STRANGERS_DRAFT = "0123456789abcdef.tmp";

test("a file appears under its name with all that it holds, for its owner alone, and its draft is gone", () => {
  const folder = scratchFolder();
  const file = join(folder, "key.pem");
  writePrivateFile(file, "a key", "whole");
  expect(readFileSync(file, "utf8")).toBe("whole");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["key.pem"]);
});

test("a new file is never written over one that is there, and an old one is replaced as a whole", () => {
  const folder = scratchFolder();
  const file = join(folder, "config.yaml");
  writeFileSync(file, "as it was");
  expect(() => writePrivateFile(file, "the settings", "other")).toThrow(/EEXIST/);
  expect(readFileSync(file, "utf8")).toBe("as it was");
  replacePrivateFile(file, "the settings", "as it is");
  expect(readFileSync(file, "utf8")).toBe("as it is");
  expect(readdirSync(folder)).toEqual(["config.yaml"]);
});

test("two processes with one pid: the draft of one is not that of the other", () => {
  const folder = scratchFolder();
  const file = join(folder, "config.yaml");
  writeFileSync(`${file}.${process.pid}.tmp`, "of another container");
  const pid = vi.spyOn(process, "pid", "get").mockReturnValue(1);
  writeFileSync(`${file}.1.tmp`, "of another container");
  replacePrivateFile(file, "the settings", "ours");
  pid.mockRestore();
  expect(readFileSync(file, "utf8")).toBe("ours");
});

test("what a killed process left is removed when the node is opened; a young draft may be in use", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const [old, young] = [`config.yaml.${STRANGERS_DRAFT}`, `config.yaml.f${STRANGERS_DRAFT.slice(1)}`];
  for (const draft of [old, young]) writeFileSync(join(folder.path, draft), "half");
  utimesSync(join(folder.path, old), 0, 0);
  (await openState(folder, {})).close();
  const left = readdirSync(folder.path).filter((name) => name.endsWith(".tmp"));
  expect(left).toEqual([young]);
});
