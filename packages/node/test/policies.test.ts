// `policy add`, `list`, `show` and `remove`: a policy is about what this node has, and says all that it implies.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { handleOf } from "../src/api/node.ts";
import { addPolicies, listPolicies, readPolicy, removePolicy } from "../src/api/policies.ts";
import { openState } from "../src/node-state.ts";
import { emptyFolder } from "./home.ts";

async function node() {
  const folder = emptyFolder();
  await initNode(folder.path);
  const exposures = {
    source: { csv: "exposures.csv" },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {}, age_band: {} },
    measures: { cost: {} },
  };
  writeFileSync(folder.configFile, JSON.stringify({ datasets: { exposures } }));
  const state = await openState(folder, {});
  onTestFinished(() => state.close());
  const pinned = { fingerprint: "ab".repeat(32), signingKey: new Uint8Array(32), address: "", pinnedAt: 0 };
  state.partners.pin({ name: "advertiser", ...pinned });
  state.invitations.open("agency", Date.now() + 60_000);
  const add = async (yaml: string) => {
    const file = join(folder.path, "policy.yaml");
    writeFileSync(file, yaml);
    return await addPolicies(handleOf(state), file);
  };
  return { handle: handleOf(state), add };
}

test.each([
  [
    "partner: publisher\ndataset: exposures",
    [1, "partner"],
    /there is no partner "publisher".*advertiser, agency/,
  ],
  ["partner: advertiser\ndataset: exposure", [2, "dataset"], /there is no dataset "exposure".*exposures/],
  [
    "- partner: advertiser\n  dataset: exposures\n  group_by:\n    - campaign\n    - age",
    [5, "0.group_by.1"],
    /no dimension "age".*campaign, age_band/,
  ],
  ["partner: advertiser\ndataset: exposures\nsum: [spend]", [3, "sum.0"], /no measure "spend".*cost/],
])(
  "a policy that would allow nothing is an error with line, field and remedy: %j",
  async (yaml, [line, field], words) => {
    const { handle, add } = await node();
    await expect(add(yaml)).rejects.toMatchObject({
      code: "yaml",
      message: expect.stringMatching(words),
      problems: [{ line, field }],
    });
    expect(await listPolicies(handle)).toEqual([]);
  },
);

test("a policy for who is invited holds once it has joined; what is not written has its default, and is named", async () => {
  const { handle, add } = await node();
  const [added] = await add("partner: agency\ndataset: exposures\nthreshold: 300\nbudget: 4\nexact: 2");
  expect(added!.fields).toMatchObject({
    threshold: 300,
    people: 1000,
    budget: 4,
    population_budget: 12,
    exact: 2,
  });
  expect(added!.defaults).toEqual(
    expect.arrayContaining(["people", "epsilon", "population_budget", "approval"]),
  );
  expect(added!.defaults).not.toEqual(expect.arrayContaining(["threshold"]));
  expect(added!.defaults).not.toEqual(expect.arrayContaining(["budget"]));
  expect(await readPolicy(handle, "agency", "exposures")).toEqual(added);
});

test("a policy is removed by its names; one that is not there is `no-policy`, with those that are", async () => {
  const { handle, add } = await node();
  await add("partner: advertiser\ndataset: exposures");
  const missing = { code: "no-policy", message: expect.stringMatching(/advertiser exposures/) };
  await expect(removePolicy(handle, "agency", "exposures")).rejects.toMatchObject(missing);
  await expect(readPolicy(handle, "advertiser", "clicks")).rejects.toMatchObject(missing);
  await removePolicy(handle, "advertiser", "exposures");
  expect(await listPolicies(handle)).toEqual([]);
});
