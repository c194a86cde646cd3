// Reports and receipts by the beginning of their session's hash: the one that is meant, or none.
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { readReceipt, readReport } from "../src/api/reports.ts";
import { twoNodes } from "./two-nodes.ts";

test("the beginning of a session's hash names it, and an empty name or another names none", async () => {
  const nodes = await twoNodes();
  const first = await nodes.run("exact: true");
  const second = await nodes.run("exact: true\nresult: us");
  const node = handleOf(nodes.advertiser);
  for (const read of [readReport, readReceipt]) {
    await expect(read(node, "")).rejects.toMatchObject({
      code: "no-report",
    });
    await expect(read(node, "no such")).rejects.toMatchObject({ code: "no-report" });
    for (const { session } of [first, second])
      expect(await read(node, session.slice(0, 12))).toMatchObject({ session });
  }
});
