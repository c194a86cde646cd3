// The same package where npm allows no install scripts, and under the other versions of Node that it is for.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Installed, nodeBinary, release, scratch } from "./install.ts";
import { expectDemo, kernelOf } from "./shown.ts";

const { folder, remove } = scratch();
let bare: Installed;

beforeAll(async () => {
  bare = await Installed.open(await release(), join(folder, "bare"), { flags: ["--ignore-scripts"] });
});
afterAll(remove);

test("installs without install scripts, as it does where npm does not allow them", async () => {
  expectDemo(await bare.halfroom(["demo"]));
  expect(await kernelOf(bare)).toMatch(/^native /);
});

test.each(["22", "24"])("shows its demo under Node %s", async (version) => {
  const node = await nodeBinary(version, join(folder, `node-${version}`));
  expect(await kernelOf(bare, [node])).toMatch(/^native /);
  expectDemo(await bare.halfroomOn([node], ["demo", "--out", `demo-${version}`]));
});
