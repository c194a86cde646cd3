// Who receives where the report could be run either way round, and that the same request stays the same.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { chooseRole } from "../src/run/roles.ts";
import { twoNodes } from "./two-nodes.ts";

const either = { role: "sender", roles: "either", report: "overlap" } as const;

test.each([
  ["nothing known: the request's own role", undefined, undefined, "sender", /sizes of both sides/],
  ["we are fewer", undefined, { us: 10, them: 1000 }, "receiver", /we had 10 people and the partner 1000/],
  ["they are fewer", undefined, { us: 1000, them: 10 }, "sender", /smaller side is cheaper/],
  ["it ran before, whatever the sizes", "receiver", { us: 1000, them: 10 }, "receiver", /was run before/],
] as const)("%s", (_, ranAs, sizes, role, why) => {
  const choice = chooseRole(either, ranAs, sizes);
  expect(choice.role).toBe(role);
  expect(choice.why).toMatch(why);
});

test("a request that names columns keeps its roles, and its author hears when the other way would be much cheaper", () => {
  const fixed = { role: "receiver", roles: "fixed", report: "overlap" } as const;
  expect(chooseRole(fixed, undefined, { us: 399, them: 100 })).toEqual({ role: "receiver", why: undefined });
  const choice = chooseRole(fixed, undefined, { us: 400, them: 100 });
  expect(choice.role).toBe("receiver");
  expect(choice.why).toContain("`receiver: them` is cheaper");
  expect(chooseRole({ ...fixed, report: "sums" }, undefined, { us: 400, them: 1 }).why).toBeUndefined();
});

test("the smaller side receives once sizes are known; the same request then keeps its roles and its stored report", async () => {
  const { advertiser, run } = await twoNodes();
  const file = join(advertiser.folder.path, "overlap.yaml");
  writeFileSync(
    file,
    "partner: publisher\nreport: overlap\nours: { dataset: purchases }\ntheirs: { dataset: exposures }\nthreshold: 11\nexact: true\n",
  );
  expect((await planReport(advertiser, { file })).request.role).toBe("sender");
  // 50 people of ours against 60.
  await run();
  const plan = await planReport(advertiser, { file });
  expect(plan.request.role).toBe("receiver");
  expect(plan.terms.datasets).toEqual({ sender: "exposures", receiver: "purchases" });
  const first = await initiate(advertiser, plan, () => undefined);
  const { partitions } = JSON.parse(first.json);
  expect(partitions[0].cells[0].people.value).toBe(30);

  const again = await planReport(advertiser, { file });
  expect(again.roleWords).toMatch(/was run before/);
  const second = await initiate(advertiser, again, () => undefined);
  expect(second.fresh).toBeUndefined();
  expect(second.session).toBe(first.session);
});
