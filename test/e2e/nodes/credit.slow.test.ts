// Attribution and lift between two nodes in separate processes, compared with plain SQL on the two files.
import { join } from "node:path";
import { plainCredit, seededRng, type CreditQuery } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellsOf } from "./pair.ts";
import { Site } from "./site.ts";

const THRESHOLD = 11;
const DAY = 86_400;
const START = Date.UTC(2026, 2, 2) / 1000;

let advertiser: Site;
let publisher: Site;

beforeAll(async () => {
  [advertiser, publisher] = await Promise.all([Site.open(), Site.open()]);
  const { purchases, exposures } = rows();
  advertiser.write("purchases.csv", purchases);
  publisher.write("exposures.csv", exposures);
  const common = { match: { email: { columns: "email" } }, time: { column: "at" } };
  advertiser.env["HALFROOM_DATASETS"] = JSON.stringify({
    purchases: {
      source: { csv: join(advertiser.folder, "purchases.csv") },
      measures: { revenue: {} },
      ...common,
    },
  });
  publisher.env["HALFROOM_DATASETS"] = JSON.stringify({
    exposures: {
      source: { csv: join(publisher.folder, "exposures.csv") },
      dimensions: { campaign: {}, arm: {} },
      ...common,
    },
  });
  const serving = await publisher.serve();
  const token = (await publisher.ok("invite", "--name", "advertiser")).trim();
  await advertiser.ok("join", token, "--name", "publisher");
  await serving.kill();
  const rules = { threshold: THRESHOLD, people: 10, exact: 1000, approval: "automatic" };
  const of = (policy: Record<string, unknown>) => `  - ${JSON.stringify({ ...policy, ...rules })}`;
  advertiser.policies(of({ partner: "publisher", dataset: "purchases", sum: ["revenue"] }));
  publisher.policies(of({ partner: "advertiser", dataset: "exposures", group_by: ["campaign", "arm"] }));
  await Promise.all([advertiser.serve(), publisher.serve()]);
});
afterAll(async () => void (await Promise.all([advertiser.close(), publisher.close()])));

/** 300 people per side, 200 of them on both; up to 5 purchases and 6 exposures each, over four weeks. */
function rows() {
  const bytes = seededRng("two nodes").bytes(40_000);
  let at = 0;
  const draw = (below: number) => bytes[at++]! % below;
  const moment = () => new Date((START + draw(14) * 2 * DAY + draw(2)) * 1000).toISOString();
  const purchases = ["email,at,revenue"];
  const exposures = ["email,at,campaign,arm"];
  for (let person = 0; person < 400; person++) {
    if (person >= 100) {
      for (let i = 1 + draw(5); i > 0; i--) purchases.push(`p${person}@example.com,${moment()},${draw(90)}`);
    }
    if (person < 300) {
      for (let i = 1 + draw(6); i > 0; i--) {
        const campaign = ["spring", "autumn", "brand"][draw(3)]!;
        exposures.push(`P${person}@Example.com,${moment()},${campaign},${["test", "control"][person % 2]!}`);
      }
    }
  }
  return { purchases: `${purchases.join("\n")}\n`, exposures: `${exposures.join("\n")}\n` };
}

async function expected(query: CreditQuery) {
  const lower = publisher.write("lower.csv", rows().exposures.replaceAll(/P(\d+)@Example/g, "p$1@example"));
  const all = await plainCredit(join(advertiser.folder, "purchases.csv"), lower, query);
  return all.filter(({ people }) => people >= THRESHOLD);
}

const BOUNDS = "{ low: 0, high: 100000, decimals: 0 }";

test("the advertiser asks for attribution: the report is the plain join, and the window matters", async () => {
  const query: CreditQuery = {
    measures: ["revenue"],
    groupBy: ["campaign"],
    events: 4,
    entries: 3,
    keep: "last",
    windowSeconds: 7 * DAY,
  };
  advertiser.write(
    "attribution.yaml",
    `report: attribution
partner: publisher
ours:
  dataset: purchases
  measures:
    revenue: ${BOUNDS}
theirs:
  dataset: exposures
  group_by: [campaign]
events: 4
entries: 3
window_days: 7
threshold: ${THRESHOLD}
exact: true
`,
  );
  const json = await advertiser.ok("run", "attribution.yaml", "--json");
  const cells = await expected(query);
  expect(cellsOf(json)).toEqual(
    cells.map(({ labels, people, sums }) => ({
      campaign: labels[0],
      people: Number(people),
      revenue: Number(sums[0]),
    })),
  );
  expect(cells.length).toBe(3);
  expect(await expected({ ...query, windowSeconds: 0 })).not.toEqual(cells);
});

test("the publisher asks for lift: the report is the plain join", async () => {
  const query: CreditQuery = {
    measures: ["revenue"],
    groupBy: ["arm"],
    events: 2,
    entries: 1,
    keep: "first",
    windowSeconds: 0,
  };
  publisher.write(
    "lift.yaml",
    `report: lift
partner: advertiser
ours:
  dataset: exposures
  group_by: [arm]
theirs:
  dataset: purchases
  measures:
    revenue: ${BOUNDS}
arms: { column: arm, test: test, control: control }
threshold: ${THRESHOLD}
exact: true
`,
  );
  const json = await publisher.ok("run", "lift.yaml", "--json");
  const cells = await expected(query);
  expect(cellsOf(json)).toEqual(
    cells.map(({ labels, people, sums }) => ({
      arm: labels[0],
      people: Number(people),
      revenue: Number(sums[0]),
    })),
  );
  expect(cells.map(({ labels }) => labels[0])).toEqual(["control", "test"]);
});

test("the advertiser asks for lift, for itself alone: it has the groups' people, and an interval of the measure", async () => {
  advertiser.write(
    "lift.yaml",
    `report: lift
partner: publisher
ours:
  dataset: purchases
  measures:
    revenue: { low: 0, high: 100000, decimals: 0, variance: true }
theirs:
  dataset: exposures
  group_by: [arm]
arms: { column: arm, test: test, control: control }
threshold: ${THRESHOLD}
exact: true
result: us
`,
  );
  const { partitions } = JSON.parse(await advertiser.ok("run", "lift.yaml", "--json"));
  const [lift] = partitions[0].derived.lifts;
  const cells = await expected({
    measures: ["revenue"],
    groupBy: ["arm"],
    events: 2,
    entries: 1,
    keep: "first",
    windowSeconds: 0,
  });
  const [control, tested] = cells.map(({ base }) => Number(base));
  expect([lift.testPeople.value, lift.controlPeople.value]).toEqual([tested, control]);
  const [revenue] = lift.measures;
  expect(revenue.pValue).toBeGreaterThan(0);
  expect(revenue.relative.high).toBeGreaterThan(revenue.relative.low);
  expect(
    partitions[0].cells.map(({ squares }: { squares: { value: number }[] }) => squares[0]!.value),
  ).toEqual(cells.map(({ squares }) => Number(squares[0])));
});
