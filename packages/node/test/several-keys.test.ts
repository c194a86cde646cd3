// Reports with several match keys and a filter, over people who lack some of the keys: each is the plain join of both files, and
// people who were enrolled once are not enrolled again.
import { toHex } from "@halfroom/session";
import { expect, test } from "vitest";
import { cellsOf, twoNodes, type SiteChanges, type TwoNodes } from "./two-nodes.ts";

const KEYS = ["email", "phone", "card"] as const;
type Key = (typeof KEYS)[number];
const MATCH = {
  email: { columns: "email" },
  phone: { columns: "phone" },
  card: { type: "custom", columns: "card" },
};
const NORTH = "region = 'north'";
const isNorth = (person: number) => person % 4 !== 0;
const SIDES = { publisher: 0, advertiser: 1 };
/** More items than an enrolment's step are lacking: people are enrolled in several steps, and nobody but they. */
const PUBLISHER = { from: 0, to: 640 };
const ADVERTISER = { from: 240, to: 900 };

function has(person: number, key: Key, side: number): boolean {
  if (key === "email") return person % 3 !== side;
  return key === "phone" ? person % 5 > side : person % 2 === side || person % 3 === side;
}

const textOf: Record<Key, (person: number) => string> = {
  email: (person) => `p${person}@example.com`,
  phone: (person) => `+49170${1_000_000 + person}`,
  card: (person) => `card-${person}`,
};

const span = ({ from, to }: { from: number; to: number }) =>
  Array.from({ length: to - from }, (_, i) => from + i);
const keysOf = (person: number, side: number) =>
  KEYS.map((key) => (has(person, key, side) ? textOf[key](person) : "")).join(",");
const changes: { publisher: SiteChanges; advertiser: SiteChanges } = {
  publisher: {
    header: "email,phone,card,campaign",
    settings: { dropped_percent_max: 100 },
    rows: span(PUBLISHER).map((i) => `${keysOf(i, SIDES.publisher)},${i % 2 ? "spring" : "autumn"}`),
    dataset: { match: MATCH },
  },
  advertiser: {
    header: "email,phone,card,region,revenue",
    settings: { dropped_percent_max: 100 },
    rows: span(ADVERTISER).map(
      (i) => `${keysOf(i, SIDES.advertiser)},${isNorth(i) ? "north" : "south"},${(i % 50) + 1}.25`,
    ),
    dataset: { match: MATCH },
  },
};

/** The plain join: who is in both files and has one of the keys in both. */
function joined(keys: readonly Key[], isKept: (person: number) => boolean) {
  return ["autumn", "spring"].map((campaign, odd) => {
    const people = span({ from: ADVERTISER.from, to: PUBLISHER.to }).filter(
      (i) => i % 2 === odd && isKept(i) && keys.some((key) => has(i, key, 0) && has(i, key, 1)),
    );
    return { campaign, people: people.length, revenue: people.reduce((sum, i) => sum + (i % 50) + 1.25, 0) };
  });
}

const lines = (keys: readonly Key[]) => `exact: true\nmatch: [${keys.join(", ")}]`;

async function report(nodes: TwoNodes, keys: readonly Key[], where?: string) {
  const { json } = await nodes.run(lines(keys), undefined, where);
  return cellsOf(json).toSorted((a, b) => String(a["campaign"]).localeCompare(String(b["campaign"])));
}

const granted = ({ advertiser, publisher }: TwoNodes) =>
  advertiser.epochs.granted(toHex(publisher.identity.signingKey), Date.now());

test.each([[["email", "phone"]], [KEYS]] as const)(
  "%s and a filter, over people who lack keys: the plain join, and a second report over them is warm",
  async (keys) => {
    const nodes = await twoNodes(changes);
    expect(await report(nodes, keys, NORTH)).toEqual(joined(keys, isNorth));
    const first = granted(nodes);
    // The real items of the publisher's people and what fills up the last step.
    const items = span(PUBLISHER).map((i) => 2 ** keys.filter((key) => has(i, key, 0)).length - 1);
    expect(first).toBe(1024 * Math.ceil(items.reduce((sum, each) => sum + each, 0) / 1024));
    expect(await report(nodes, keys)).toEqual(joined(keys, () => true));
    expect(granted(nodes) - first).toBe(1024);
  },
);

test("people rounded up by policy: the plain join, and neither the agreement nor the enrolment tells the true numbers", async () => {
  const round = (side: SiteChanges, to: number) => ({ ...side, policy: { round_people_to: to } });
  const nodes = await twoNodes({
    publisher: round(changes.publisher, 1500),
    advertiser: round(changes.advertiser, 1000),
  });
  expect(await report(nodes, KEYS, NORTH)).toEqual(joined(KEYS, isNorth));
  const [entry] = nodes.advertiser.ledger.entries();
  const { content } = nodes.advertiser.agreements.get(entry!.session)!;
  expect([content.sender.people, content.receiver.people]).toEqual([1000, 1500]);
  expect([content.receiver.step, content.receiver.evaluations]).toEqual([1500, 3000]);
});

test("who a person is, and which identifiers two people hold, is decided before the filter", async () => {
  const row = (id: number, address: string, region: string, revenue: number) =>
    `${id},${address}@example.com,${region},${revenue}`;
  const shared = [40, 41, 42];
  const nodes = await twoNodes({
    advertiser: {
      header: "id,email,region,revenue",
      settings: { dropped_percent_max: 100 },
      rows: [
        // Known by the address of a row that the filter leaves out: the first one in the file.
        ...[30, 31, 32].map((i) => row(i, `p${i}`, "south", 100)),
        ...[30, 31, 32].map((i) => row(i, `other${i}`, "north", i)),
        ...Array.from({ length: 47 }, (_, i) => row(33 + i, `p${33 + i}`, "north", 33 + i)),
        ...shared.map((i) => row(1000 + i, `p${i}`, "south", 100)),
      ],
      dataset: { person: "id" },
    },
  });
  const people = Array.from({ length: 22 }, (_, i) => 30 + i).filter((i) => !shared.includes(i));
  const { json } = await nodes.run("exact: true", undefined, NORTH);
  expect(cellsOf(json)).toEqual([
    { campaign: "spring", people: people.length, revenue: people.reduce((sum, i) => sum + i, 0) },
  ]);
});
