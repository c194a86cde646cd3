// Writes gates.json: the list of gates of a release, and the schedules that are compared (protocol-spec.md, section 13.2).
import { readFileSync, writeFileSync } from "node:fs";
import { hash256 } from "@halfroom/crypto";
import { SESSION } from "../../../packages/release/test/release-parties.ts";
import { EXACT, listOf, setup } from "../../../packages/release/test/table/lists.ts";

const FILE = new URL("gates.json", import.meta.url);

const { list } = await listOf(setup({ ...EXACT, pair: true, totals: true }));
const lines = list.split("\n").slice(0, -1);
const ends = lines.flatMap((line, i) => (/^(publish|open) /.test(line) ? [i + 1] : []));
const schedules = ends.map((end) => {
  const before = lines.slice(0, end).map((line) => `${line}\n`);
  return Buffer.from(hash256("release/schedule", SESSION, before.join(""))).toString("hex");
});
const described = JSON.parse(readFileSync(FILE, "utf8")) as object;
writeFileSync(FILE, `${JSON.stringify({ ...described, list: lines, schedules }, undefined, 1)}\n`);
