// What an installation shows of itself: that its demo holds, and with what it computes.
import { expect } from "vitest";
import type { Installed, Run } from "./install.ts";

const CHECKED = "Checked: the report equals a plain join of the two files.";

export function expectDemo({ exitCode, stdout, stderr }: Run): void {
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(`${stdout}${stderr}`).toContain(CHECKED);
}

/** What an installation computes with, by the name that it gives it; `node`: a command line of another version of Node. */
export async function kernelOf(
  installation: Installed,
  node: readonly string[] = [process.execPath],
): Promise<string> {
  const { stdout } = await installation.halfroomOn(node, ["--version", "--json"]);
  return JSON.parse(stdout).kernel;
}
