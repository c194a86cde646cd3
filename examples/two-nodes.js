// An advertiser and a publisher, each with its own node, in one program: they meet, agree, and learn what the people who saw
// a campaign spent. In practice, each company runs its own half of this. `npm install halfroom && node two-nodes.js`
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addDataset,
  addPolicies,
  initNode,
  invite,
  join as joinPartner,
  openNode,
  run,
  serve,
} from "halfroom";

const folder = await mkdtemp("halfroom-example-");
try {
  const publisher = await newNode("publisher", {
    HALFROOM_LISTEN: "127.0.0.1:0",
    HALFROOM_ADMIN: "127.0.0.1:0",
    HALFROOM_LOG_LEVEL: "silent",
  });
  const advertiser = await newNode("advertiser", {});

  // Each side declares its data.
  await addDataset(publisher, "exposures", {
    source: { csv: await csv("exposures.csv", "email,campaign", exposures()) },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {} },
  });
  await addDataset(advertiser, "purchases", {
    source: { csv: await csv("purchases.csv", "email,revenue", purchases()) },
    match: { email: { columns: "email" } },
    measures: { revenue: {} },
  });

  // They meet: whoever holds the token can join, once.
  const serving = await serve(publisher);
  const { token } = await invite(publisher, { name: "advertiser", hours: 1, address: serving.address });
  await joinPartner(advertiser, { token, name: "publisher" });

  // Each says what the other may do with its data.
  await addPolicies(publisher, await policy("advertiser", "exposures", "group_by: [campaign]"));
  await addPolicies(advertiser, await policy("publisher", "purchases", "sum: [revenue]"));

  // One side asks. What the other side's policy approves automatically runs at once.
  const { json } = await run(advertiser, {
    name: "by campaign",
    text: `
partner: publisher
ours: { dataset: purchases, measures: { revenue: { low: 0, high: 500, decimals: 2 } } }
theirs: { dataset: exposures, group_by: [campaign] }
threshold: 50
exact: true
`,
  });
  for (const { labels, people, sums } of JSON.parse(json).partitions[0].cells) {
    console.log(`${labels[0]} ${people.value} people, ${sums[0].value} spent`);
  }

  await serving.close();
  publisher.close();
  advertiser.close();
} finally {
  await rm(folder, { recursive: true });
}

/**
 * @param {string} name
 * @param {Record<string, string>} settings
 */
async function newNode(name, settings) {
  const { folder: home } = await initNode(join(folder, name));
  return await openNode(home, { env: settings });
}

/**
 * @param {string} name
 * @param {string} header
 * @param {string[]} rows
 */
async function csv(name, header, rows) {
  const path = join(process.cwd(), folder, name);
  await writeFile(path, [header, ...rows, ""].join("\n"));
  return path;
}

/**
 * @param {string} partner
 * @param {string} dataset
 * @param {string} allowed
 */
async function policy(partner, dataset, allowed) {
  const path = join(folder, `${dataset}.yaml`);
  const rules = ["threshold: 50", "people: 100", "exact: 10", "approval: automatic"];
  await writeFile(path, [`partner: ${partner}`, `dataset: ${dataset}`, allowed, ...rules, ""].join("\n"));
  return path;
}

/** People 0 to 399; every fourth saw the autumn campaign, the others the spring one. */
function exposures() {
  return Array.from({ length: 400 }, (_, i) => `p${i}@example.com,${i % 4 === 0 ? "autumn" : "spring"}`);
}

/** People 200 to 599, of whom 200 are shared with the publisher; each spent ten. */
function purchases() {
  return Array.from({ length: 400 }, (_, i) => `p${200 + i}@example.com,10.00`);
}
