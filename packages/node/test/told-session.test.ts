// What a whole session between two nodes tells, and to whom.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deliverEvents } from "../src/api/events.ts";
import { handleOf } from "../src/api/node.ts";
import { hearing, SECRET, type Heard } from "./told.ts";
import { twoNodes } from "./two-nodes.ts";

const told = (heard: readonly Heard[]) =>
  heard.map(({ body }) => {
    const { type, data } = JSON.parse(body);
    return [type, data.partner, data.code ?? data.by ?? data.stored];
  });

test("both sides tell of a session, of one that is served again, and of a budget that runs low; no number is among it", async () => {
  const [ours, theirs] = [await hearing(), await hearing()];
  const hook = (url: string) => ({
    webhooks: { ops: { url, secret: "ops.secret" } },
  });
  const { advertiser, publisher, run } = await twoNodes({
    advertiser: { settings: hook(ours.url) },
    publisher: { settings: hook(theirs.url), policy: { exact: 1 } },
  });
  for (const { folder } of [advertiser, publisher])
    writeFileSync(join(folder.path, "ops.secret"), SECRET, { mode: 0o600 });
  const { json } = await run();
  await run();
  // The advertiser does not serve.
  await deliverEvents(handleOf(advertiser));
  const events = [
    ["session.done", "publisher", false],
    ["session.done", "publisher", true],
  ];
  expect(told(ours.heard)).toEqual(events);
  while (told(theirs.heard).filter(([type]) => type === "session.done").length < 2)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(new Set(told(theirs.heard).map(([type]) => type))).toEqual(
    new Set(["proposal.approved", "session.done", "budget.low"]),
  );
  const low = theirs.heard.find(({ body }) => JSON.parse(body).type === "budget.low")!;
  expect(JSON.parse(low.body).data).toMatchObject({
    partner: "advertiser",
    dataset: "exposures",
    of: "exact reports in the period",
    percent: 100,
  });
  const { partitions } = JSON.parse(json);
  const people = String(partitions[0].cells[0].people.value);
  const revenue = String(partitions[0].cells[0].sums[0].value);
  for (const { body } of [...ours.heard, ...theirs.heard])
    expect(Object.values(JSON.parse(body).data).map(String)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^(?:${people}|${revenue}|spring)$`))]),
    );
});
