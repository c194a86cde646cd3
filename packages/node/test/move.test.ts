// A node that answers under another address: whoever dials it is told, and nothing else changes.
import { expect, onTestFinished, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { listPartners, movePartner } from "../src/api/partners.ts";
import { call } from "../src/run/call.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import type { NodeState } from "../src/node-state.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

async function serving(node: NodeState): Promise<string> {
  const there = await serve(node, openLog({ ...node.settings, log_level: "silent" }));
  onTestFinished(() => there.close());
  return there.address;
}

test("the side that dials is told where its partner answers now, and goes on with the same partner", async () => {
  const nodes = await twoNodes();
  const { advertiser, publisher } = nodes;
  await nodes.serving.close();
  const moved = await serving(publisher);
  expect(moved).not.toBe(nodes.address);
  const before = advertiser.partners.named("publisher");
  await expect(call(advertiser, before, 300)).rejects.toMatchObject({ name: "ProtocolError" });
  await movePartner(handleOf(advertiser), "publisher", moved);
  expect(cellsOf((await nodes.run()).json)).toContainEqual(SPRING);
  expect(advertiser.partners.named("publisher")).toEqual({ ...before, address: moved });
  const [moving] = advertiser.audit.entries().filter(({ kind }) => kind === "partner-moved");
  expect(moving?.facts).toEqual({ partner: "publisher", address: moved });
});

test("a side that only dialled is dialled too, once its partner has an address for it", async () => {
  const { advertiser, publisher } = await twoNodes();
  const partner = () => publisher.partners.named("advertiser");
  await expect(call(publisher, partner())).rejects.toMatchObject({ code: "no-address" });
  await movePartner(handleOf(publisher), "advertiser", await serving(advertiser));
  const { talk } = await call(publisher, partner());
  await talk.close();
});

test("what is no address is refused, and the one that is known stays", async () => {
  const { publisher } = await twoNodes();
  const node = handleOf(publisher);
  const known = await listPartners(node);
  for (const address of ["", "example.com", "example.com:70000", "http://example.com:7443"])
    await expect(movePartner(node, "advertiser", address), address).rejects.toMatchObject({
      code: "no-address",
    });
  await expect(movePartner(node, "nobody", "example.com:7443")).rejects.toMatchObject({ code: "no-partner" });
  expect(await listPartners(node)).toEqual(known);
});
