// `halfroom audit receipt`: the words, and the forms for a third party.
import { decodeReceipt, verifyReceipt } from "@halfroom/session";
import { expect, test } from "vitest";
import { twoNodes } from "../../node/test/two-nodes.ts";
import { halfroomHere } from "./halfroom.ts";

test("a receipt for a third party, what opens it, and whether today's data is that of the session", async () => {
  const nodes = await twoNodes();
  const { session } = await nodes.run();
  const at = ["--home", nodes.publisher.folder.path];
  const receipt = (...flags: string[]) => halfroomHere(["audit", "receipt", session, ...flags, ...at]);

  const check = await receipt("--check");
  expect(check).toMatchObject({ exitCode: 0, stderr: "" });
  expect(check.stdout.match(/^\w+: \w+/gm)).toEqual(["data: same", "filter: same", "report: same"]);

  const openings = JSON.parse((await receipt("--openings")).stdout);
  expect(openings).toMatchObject({ session, openings: { filter: { text: "" } } });

  const kept = decodeReceipt(Buffer.from((await receipt("--json")).stdout.trimEnd()));
  verifyReceipt(kept);
  expect(Buffer.from(kept.agreement.session).toString("hex")).toBe(session);

  const both = await receipt("--openings", "--check");
  expect(both.exitCode).toBe(2);
  expect(both.stderr).toContain("Give one form");
});
