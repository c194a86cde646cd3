// A report of each kind as its reader would get it, from known numbers: seeded noise, cells under the threshold left out.
import type {
  BaseCell,
  Released,
  ReleasedCell,
  ReleasedNoise,
  ReleasedPartition,
  ReleasedReport,
} from "../src/index.ts";
import { bothNoise, uniform } from "./draws.ts";

export const LAPLACE: ReleasedNoise = { mechanism: "laplace", microEpsilon: 1_000_000 };
const THRESHOLD = 100;

/** A cell as it truly is: this side's people, and the numbers of the overlap in scaled units. */
export interface TrueCell {
  readonly labels: readonly string[];
  readonly base?: number;
  readonly people: number;
  readonly sums?: readonly number[];
  readonly squares?: readonly number[];
}

/** Noise scales of one side, per column. */
interface Scales {
  readonly people: number;
  readonly sums?: readonly number[];
  readonly squares?: readonly number[];
}

/** What the release would give for these cells: noise added (none with scale 0), small ones hidden, sorted. */
export function partitionOf(
  groupBy: readonly string[],
  cells: readonly TrueCell[],
  scales: Scales,
  random: () => number,
  senderGroupBy: readonly string[] = [],
): ReleasedPartition {
  const number = (value: number, scale = 0): Released => ({
    value: BigInt(value + (scale === 0 ? 0 : bothNoise(random, scale))),
    variance: 4 * scale ** 2,
  });
  const noisy = cells.map(({ labels, people, sums = [], squares }): ReleasedCell => ({
    labels,
    people: number(people, scales.people),
    sums: sums.map((sum, i) => number(sum, scales.sums?.[i])),
    ...(squares === undefined ? {} : { squares: squares.map((sum, i) => number(sum, scales.squares?.[i])) }),
  }));
  const passing = noisy.filter(({ people }) => people!.value >= BigInt(THRESHOLD));
  const base = new Map<string, BaseCell>();
  for (const { labels, base: people } of cells) {
    const own = labels.slice(0, groupBy.length);
    if (people !== undefined) base.set(JSON.stringify(own), { labels: own, people });
  }
  return {
    groupBy,
    senderGroupBy,
    cells: passing.toSorted((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1)),
    hiddenCells: cells.length - passing.length,
    cellsTotal: cells.length,
    ...(base.size > 0 ? { base: [...base.values()] } : {}),
  };
}

const COMMON = {
  role: "receiver",
  threshold: THRESHOLD,
  agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
  ownPeople: 48_200,
  partnerPeople: 30_500,
} as const;
/** What one person adds to a measure. */
const BOUNDS = { low: 0n, high: 50_000n };
const REGIONS = ["North", "South", "East", "West", "Islands"];
const AGES = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
const CAMPAIGNS = ["Spring Sale", "App Launch", "Brand Film", "Retargeting", "Newsletter"];

export function overlapReport(): ReleasedReport {
  const random = uniform(1);
  const base = [12_000, 10_800, 9400, 15_700, 300];
  const people = [3300, 2410, 3120, 2900, 40];
  const regions = REGIONS.map((region, i) => ({ labels: [region], base: base[i]!, people: people[i]! }));
  const total = people.reduce((sum, each) => sum + each);
  return {
    ...COMMON,
    kind: "overlap",
    measures: [],
    noise: LAPLACE,
    partitions: [
      partitionOf([], [{ labels: [], people: total }], { people: 2 }, random),
      partitionOf(["region"], regions, { people: 2 }, random),
    ],
  };
}

/** Exact, with dimensions on both sides. */
export function sumsReport(): ReleasedReport {
  const cells = CAMPAIGNS.flatMap((campaign, c) =>
    ["gold", "standard"].map((tier, t) => {
      const people = c === 4 && t === 0 ? 60 : 420 + 160 * c + 510 * t;
      const orders = Math.round(people * (1.3 + 0.1 * c));
      const amount = people * (5400 + 700 * c - 900 * t);
      return {
        labels: [campaign, tier],
        base: 6000 + 700 * c,
        people,
        sums: [amount, orders],
        squares: [Math.round((amount * amount) / people) + people * 2000 ** 2, 0],
      };
    }),
  );
  const partition = partitionOf(["campaign"], cells, { people: 0 }, uniform(2), ["tier"]);
  return {
    ...COMMON,
    kind: "sums",
    measures: [
      { name: "amount", decimals: 2, squares: true, ...BOUNDS },
      { name: "orders", decimals: 0, squares: false, ...BOUNDS },
    ],
    partitions: [
      {
        ...partition,
        cells: partition.cells.map((cell, i) => ({
          ...cell,
          sums: i === 3 ? [cell.sums[0], undefined] : cell.sums,
          squares: [cell.squares![0], undefined],
        })),
        totals: ["gold", "standard"].map((tier) => {
          const mine = cells.filter(({ labels }) => labels[1] === tier);
          const add = (numbers: readonly number[]) => ({
            value: BigInt(numbers.reduce((sum, number) => sum + number)),
            variance: 0,
          });
          return {
            labels: [tier],
            people: add(mine.map(({ people }) => people)),
            sums: [0, 1].map((i) => add(mine.map(({ sums }) => sums[i]!))),
            squares: [add(mine.map(({ squares }) => squares[0]!)), undefined],
          };
        }),
      },
    ],
  };
}

export function indexReport(): ReleasedReport {
  const random = uniform(3);
  const base = [6200, 9800, 10_400, 9100, 7600, 5100];
  const people = [420, 1900, 2350, 1180, 640, 130];
  const ages = AGES.map((age, i) => ({ labels: [age], base: base[i]!, people: people[i]! }));
  const both = AGES.flatMap((age, i) =>
    ["online", "shop"].map((channel, c) => ({
      labels: [age, channel],
      base: Math.round(base[i]! * (c === 0 ? 0.6 : 0.4)),
      people: Math.round(people[i]! * (c === 0 ? 0.7 - 0.05 * i : 0.3 + 0.05 * i)),
    })),
  );
  return {
    ...COMMON,
    kind: "index",
    measures: [],
    noise: LAPLACE,
    partitions: [
      partitionOf(["age"], ages, { people: 4 }, random),
      partitionOf(["age", "channel"], both, { people: 4 }, random),
    ],
  };
}

export function reachReport(): ReleasedReport {
  const random = uniform(4);
  const buckets = ["1", "2", "3", "4-5", "6-10", "11+"];
  const shape = [0.41, 0.22, 0.13, 0.12, 0.08, 0.04];
  const size = [5200, 3900, 3100, 1800, 900];
  const cells = CAMPAIGNS.flatMap((campaign, c) =>
    buckets.map((bucket, b) => {
      const people = Math.round(size[c]! * shape[(b + (c === 3 ? 2 : 0)) % 6]!);
      return { labels: [campaign, bucket], base: Math.round(people * 2.4), people };
    }),
  );
  const campaigns = CAMPAIGNS.map((campaign, c) => ({
    labels: [campaign],
    base: Math.round(size[c]! * 2.4),
    people: size[c]!,
  }));
  return {
    ...COMMON,
    kind: "reach",
    agreed: { ...COMMON.agreed, entries: 4 },
    measures: [],
    noise: LAPLACE,
    frequency: "frequency",
    partitions: [
      partitionOf(["campaign"], campaigns, { people: 6 }, random),
      partitionOf(["campaign", "frequency"], cells, { people: 6 }, random),
    ],
  };
}

export function attributionReport(): ReleasedReport {
  const random = uniform(5);
  const people = [820, 610, 190, 1430, 45];
  const cells = CAMPAIGNS.map((campaign, c) => ({
    labels: [campaign],
    base: [12_500, 9400, 7400, 4300, 2200][c]!,
    people: people[c]!,
    sums: [Math.round(people[c]! * 1.35), Math.round(people[c]! * (4200 + 650 * c))],
  }));
  return {
    ...COMMON,
    kind: "attribution",
    agreed: { ...COMMON.agreed, entries: 4, events: { perPerson: 2, windowSeconds: 30 * 86_400 } },
    measures: [
      { name: "conversions", decimals: 0, squares: false, ...BOUNDS },
      { name: "value", decimals: 2, squares: false, ...BOUNDS },
    ],
    noise: LAPLACE,
    partitions: [partitionOf(["campaign"], cells, { people: 5, sums: [20, 130_000] }, random)],
  };
}

export function liftReport(): ReleasedReport {
  const random = uniform(6);
  const cells = CAMPAIGNS.slice(0, 4).flatMap((campaign, c) =>
    ["test", "control"].map((group, g) => {
      const base = g === 0 ? 9000 + 600 * c : 4200 + 200 * c;
      const rate = (0.052 + 0.006 * c) * (g === 0 ? [1.31, 1.12, 0.97, 1.2][c]! : 1);
      const people = Math.round(base * rate);
      const mean = 4800;
      return {
        labels: [campaign, group],
        base,
        people,
        sums: [people * mean],
        squares: [people * (mean ** 2 + 2600 ** 2)],
      };
    }),
  );
  const groups = ["test", "control"].map((group) => {
    const mine = cells.filter(({ labels }) => labels[1] === group);
    const add = (of: (cell: (typeof cells)[number]) => number) =>
      mine.reduce((sum, cell) => sum + of(cell), 0);
    return {
      labels: [group],
      base: add(({ base }) => base),
      people: add(({ people }) => people),
      sums: [add(({ sums }) => sums[0]!)],
      squares: [add(({ squares }) => squares[0]!)],
    };
  });
  const scales = { people: 5, sums: [60_000], squares: [4e8] };
  return {
    ...COMMON,
    kind: "lift",
    agreed: { ...COMMON.agreed, events: { perPerson: 2, windowSeconds: 0 } },
    measures: [{ name: "value", decimals: 2, squares: true, ...BOUNDS }],
    noise: { mechanism: "gaussian", microEpsilon: 1_000_000, delta: -9 },
    lift: { dimension: "group", test: "test", control: "control" },
    partitions: [
      partitionOf(["group"], groups, scales, random),
      partitionOf(["campaign", "group"], cells, scales, random),
    ],
  };
}

/** One of each kind. */
export const SAMPLE_REPORTS = {
  overlap: overlapReport,
  sums: sumsReport,
  index: indexReport,
  reach: reachReport,
  attribution: attributionReport,
  lift: liftReport,
} as const;

/**
 * As the partner holds it: without the bases and counts that only the owner of the labels knows, but with those that it tells
 * of a lift or an index, under as much noise as their people have.
 */
export function asSender(report: ReleasedReport): ReleasedReport {
  const random = uniform(7);
  const tells = report.kind === "lift" || report.kind === "index";
  const told = ({ labels, people }: ReleasedCell, base: readonly BaseCell[] = []) => {
    const own = base.find((each) => each.labels.every((label, i) => label === labels[i]));
    if (!tells || own === undefined || people === undefined) return {};
    const { variance } = people;
    const noise = variance === 0 ? 0 : bothNoise(random, Math.sqrt(variance) / 2);
    return { base: { value: BigInt(own.people + noise), variance } };
  };
  return {
    ...report,
    role: "sender",
    agreed: { ...report.agreed, datasets: { own: "buyers", partner: "crm" } },
    ownPeople: report.partnerPeople,
    partnerPeople: report.ownPeople,
    partitions: report.partitions.map(({ groupBy, senderGroupBy, cells, totals, base }) => ({
      groupBy,
      senderGroupBy,
      cells: cells.map((cell) => ({ ...cell, ...told(cell, base) })),
      ...(totals === undefined ? {} : { totals }),
    })),
  };
}
