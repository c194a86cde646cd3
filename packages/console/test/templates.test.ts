// Templates over HTTP: checked, published, handed over, run with values, ended; faults come with the names of parameters.
import { expect, test } from "vitest";
import { ProblemError } from "../src/client.ts";
import { openPair, SPRING, TEMPLATE } from "./pair.ts";

const GIVEN = { yaml: TEMPLATE, partner: "advertiser" };
const problemOf = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw error ?? new Error("there was no problem");
  return error.problem;
};

test("a template is published, taken in and run", async () => {
  const { advertiser, publisher } = await openPair({ approval: "by-hand" });
  const { admin } = publisher;
  const analyst = await advertiser.client("analyst");
  const kinds = await admin.listTemplateKinds();
  expect(kinds).toHaveLength(12);
  expect(await admin.newTemplate({ id: kinds[0]!.kind })).toContain("parameters:");
  expect(await problemOf(admin.newTemplate({ id: "none" }))).toMatchObject({
    code: "no-template",
    status: 404,
  });

  const draft = await admin.checkTemplate(GIVEN);
  expect(draft.words[0]).toContain("up to 10 times in 30 days without anybody here being asked");
  const faulty = { ...GIVEN, yaml: TEMPLATE.replace("at_least: 11", "at_most: 11") };
  const fault = await problemOf(admin.checkTemplate(faulty));
  expect([fault.code, fault.problems]).toMatchObject(["yaml", [{ line: 9, field: "threshold" }]]);
  const approver = await publisher.client("approver");
  const published = await approver.publishTemplate(GIVEN);
  expect(published).toMatchObject({ owner: "us", state: "valid", used: 0, partner: "advertiser" });

  const file = await admin.exportTemplate({ id: published.id });
  const taken = await analyst.importTemplate({ file });
  expect(taken).toMatchObject({ id: published.id, owner: "partner", signedBy: published.signedBy });
  expect(taken.parameters[1]).toEqual({
    name: "most",
    type: "number",
    range: "a number, 100 to 500",
    default: "500",
    from: "100",
    to: "500",
  });
  expect(await problemOf(analyst.importTemplate({ file: file.replace("11", "12") }))).toMatchObject({
    code: "template",
    status: 422,
  });

  const template = { name: "roi", set: { threshold: 10, most: "x" } };
  const outside = await problemOf(analyst.checkRequest({ template }));
  expect([outside.code, outside.status]).toEqual(["template", 422]);
  expect(outside.problems!.map(({ field, remedy }) => [field, remedy])).toEqual([
    ["most", "Write a number, 100 to 500"],
    ["threshold", "Write a whole number, 11 or more"],
  ]);
  const both = await problemOf(analyst.checkRequest({ template, yaml: "partner: x" }));
  expect(both).toMatchObject({ code: "malformed", status: 400 });
  const inside = { template: { name: "roi", set: { threshold: 11 } }, partner: "publisher" };
  expect((await analyst.previewRequest(inside)).outcome).toBe("run");
  expect((await analyst.checkRequest(inside)).ahead.join(" ")).toContain("threshold 11, exact, as asked");
  const { id } = await analyst.startRun(inside);
  for await (const { data } of await analyst.watchJob({ id })) if (data.type === "ended") break;
  const { state, result, error } = await analyst.showJob({ id });
  expect([state, error]).toEqual(["done", undefined]);
  const report = await analyst.showReport({ id: result!.session, form: "json" });
  expect(JSON.parse(report).partitions[0].cells).toMatchObject([
    { labels: SPRING.labels, people: { value: SPRING.people }, sums: [{ value: SPRING.revenue }] },
  ]);
  const [session] = await admin.listSessions({});
  expect(session!.template).toMatchObject({ id: published.id, name: "roi", version: 1 });
  expect(await admin.showTemplate({ id: published.id })).toMatchObject({ used: 1 });

  const reader = await publisher.client("analyst");
  await expect(reader.withdrawTemplate({ id: published.id })).rejects.toThrow(ProblemError);
  expect(await approver.withdrawTemplate({ id: published.id })).toMatchObject({ state: "withdrawn" });
  expect(await reader.listTemplates()).toEqual([]);
  expect(await reader.listTemplates({ former: "yes" })).toMatchObject([{ state: "withdrawn" }]);
  await analyst.removeTemplate({ id: taken.id });
  expect(await problemOf(analyst.checkRequest(inside))).toMatchObject({ code: "no-template" });
});

test("under two-people a second person approves", async () => {
  const { publisher } = await openPair({ approval: "two-people" });
  const [anna, ben] = [await publisher.person("anna", "approver"), await publisher.person("ben", "approver")];
  const waiting = await anna.post("/api/v1/templates", GIVEN);
  expect(waiting.json).toMatchObject({
    state: "waiting",
    approvals: { needed: 2, given: [{ by: "user:anna" }], barred: "approved" },
  });
  const approval = `/api/v1/templates/${waiting.json["id"] as string}/approve`;
  expect((await anna.post(approval)).json).toMatchObject({ code: "approver", status: 403 });
  expect((await ben.post(approval)).json).toMatchObject({ state: "valid" });
});
