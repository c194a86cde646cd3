// What series have reserved counts against budgets in every period in which it may be spent, and in none besides; held against a plain count
// over days.
import { randomBytes } from "node:crypto";
import { composeSeries, type Schedule, type Terms } from "@halfroom/session";
import { costOf, noiseOf, seededRng, TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { committed } from "../src/ledger/committed.ts";
import { Ledger, type Charge } from "../src/ledger/ledger.ts";
import { Reserved, RUN_MS, type Booked } from "../src/ledger/reserved.ts";
import { bookedBy } from "../src/series/booked.ts";
import { SeriesStore } from "../src/series/series-store.ts";
import { Vault } from "../src/vault/vault.ts";
import { DAY_MS, scratchStore } from "./fixtures.ts";

const START = Date.UTC(2027, 0, 1);
const ONE = 1_000_000;
const LIMITS = {
  budgetMicroEpsilon: 100 * ONE,
  populationMicroEpsilon: 100 * ONE,
  lifetimeMicroEpsilon: 100 * ONE,
  numbersMax: 1000,
  populationNumbersMax: 1000,
  exactSessions: 100,
};
const CHARGE: Charge = {
  ...LIMITS,
  session: "",
  partner: { key: "partner", name: "partner" },
  population: "people",
  release: noiseOf(ONE),
  cost: costOf(ONE),
  numbers: 10,
  bits: 200,
  periodDays: 30,
  noise: undefined,
  now: START,
};

function schedule(changes: Partial<Schedule>): Schedule {
  const weekly = {
    every: "week",
    on: 1,
    at: "06:00",
    timezone: "UTC",
    from: "2027-01-04",
    runs: 10,
  } as const;
  return { ...weekly, missed: "late", lateSeconds: 3 * 86_400, numbers: 10, ...changes };
}

/** A store with a series of these runs, noisy or exact. */
function booked(changes: Partial<Schedule>, isExact = false) {
  const store = scratchStore();
  const ledger = new Ledger(store, Vault.ofSecret(randomBytes(32)));
  const [reserved, series] = [new Reserved(store), new SeriesStore(store)];
  const release = isExact ? ({ mode: "exact" } as const) : noiseOf(ONE, TERMS.measures.length);
  const terms: Terms = { ...TERMS, release, series: schedule(changes) };
  const side = (name: string) => ({ nonce: seededRng(name).bytes(32), fingerprint: new Uint8Array(32) });
  const agreement = composeSeries(terms, { sender: side("a"), receiver: side("b") });
  const signatures = { sender: new Uint8Array(64), receiver: new Uint8Array(64) };
  const { id } = series.add({
    signed: { agreement, signatures },
    name: "abcdefgh",
    partner: CHARGE.partner,
    initiatedBy: "us",
    role: "sender",
    population: "people",
    where: undefined,
    cost: isExact ? undefined : costOf(ONE),
    now: START,
  });
  return { store, ledger, reserved, series, id, terms };
}

const by = (now: number, periodDays = 30) => ({
  partnerKey: "partner",
  population: "people",
  periodDays,
  now,
});

test("the most of any period is that of a count day by day", () => {
  const { ledger, reserved, series, id } = booked({ runs: 20 });
  const spent: number[] = [];
  for (let day = 0; day < 160; day += 1) {
    const now = START + day * DAY_MS + 8 * 3_600_000;
    const next = series.next(id);
    if (next !== undefined && now >= next.dueAt) {
      series.draw(id, next.number, `s${next.number}`, now);
      ledger.take({ ...CHARGE, session: `s${next.number}`, now });
      spent.push(now);
    }
    // Every hour of the coming period: what is spent in the 30 days before it, and what may be.
    let most = 0;
    for (let at = now; at < now + 30 * DAY_MS; at += 3_600_000) {
      const since = at - 30 * DAY_MS;
      const open = series.runs(id).filter(({ state }) => state === "open");
      const may = open.filter((run) => run.dueAt <= at && run.untilAt + RUN_MS > since).length;
      most = Math.max(most, may + spent.filter((moment) => moment > since).length);
    }
    const { period, everybody, lifetime, numbers } = committed(ledger, reserved, by(now));
    const pure = (costs: typeof period.costs) => costs.reduce((sum, cost) => sum + cost.microEpsilon!, 0);
    const counts = [period.costs, ...(period.ahead ?? [])].map((costs) => pure(costs) / ONE);
    expect(Math.max(...counts), `day ${day}`).toBe(most);
    expect(numbers).toBe(10 * most);
    expect(everybody).toEqual(period);
    expect(pure(lifetime.costs)).toBe(20 * ONE);
  }
  expect(spent).toHaveLength(20);
});

test("a report beside a series is refused as soon as it does not fit into some period to come, and no sooner", () => {
  // Weekly, from the 4th: in the 30 days that begin with the 1st, in which a report of that day counts, 4 of the runs.
  const budget = (sessions: number) => ({ budgetMicroEpsilon: sessions * ONE });
  const { ledger } = booked({ runs: 8 });
  expect(() => ledger.take({ ...CHARGE, ...budget(4), session: "one" })).toThrow(/budget of this period/);
  ledger.take({ ...CHARGE, ...budget(5), session: "one" });
  expect(() => ledger.take({ ...CHARGE, lifetimeMicroEpsilon: 9 * ONE, session: "two" })).toThrow(
    /for all time/,
  );
  expect(() => ledger.take({ ...CHARGE, populationMicroEpsilon: 5 * ONE, session: "two" })).toThrow(
    /all partners/,
  );
  expect(() => ledger.take({ ...CHARGE, numbersMax: 59, session: "two" })).toThrow(/numbers/);
  const other = { ...CHARGE, partner: { key: "other", name: "other" }, session: "two" };
  expect(() => ledger.take({ ...other, populationNumbersMax: 59 })).toThrow(/numbers/);
  ledger.take({ ...other, ...budget(1), lifetimeMicroEpsilon: ONE, numbersMax: 10 });
});

test("exact runs count as exact reports of their periods", () => {
  const { ledger } = booked({ runs: 8 }, true);
  const exact = { ...CHARGE, release: { mode: "exact" }, cost: undefined } as const;
  expect(() => ledger.take({ ...exact, session: "one", exactSessions: 4 })).toThrow(
    /no further exact report/,
  );
  ledger.take({ ...exact, session: "one", exactSessions: 5 });
});

test("what is missed or ended is free, and a run is drawn once, in its time", () => {
  const { ledger, reserved, series, id } = booked({ runs: 4 });
  const [first] = series.runs(id);
  series.draw(id, 1, "s1", first!.dueAt);
  expect(() => series.draw(id, 1, "s2", first!.dueAt)).toThrow(/over/);
  expect(() => series.draw(id, 2, "s2", series.run(id, 2)!.untilAt + RUN_MS)).toThrow(/over/);
  expect(series.miss(id, 2, "late")).toBe(true);
  expect(series.miss(id, 1, "late")).toBe(false);
  expect(reserved.list({ population: "people" })).toHaveLength(2);
  series.settle("s1");
  expect(series.end(id, "us", START)).toBe(true);
  expect(series.end(id, "partner", START)).toBe(false);
  expect(reserved.list({ population: "people" })).toEqual([]);
  expect(() => series.draw(id, 3, "s3", START)).toThrow(/over/);
  expect(series.runs(id).map(({ state }) => state)).toEqual(["done", "missed", "missed", "missed"]);
  expect(committed(ledger, reserved, by(START)).lifetime.microEpsilon).toBe(0);
});

test("what a series would reserve is what it then has reserved", () => {
  for (const isExact of [false, true]) {
    const { reserved, terms } = booked({ missed: "tell", every: "day", on: 0 }, isExact);
    const times = ({ from, until, numbers }: Booked) => ({ from, until, numbers });
    const asked = bookedBy(terms).map(times);
    const kept = reserved.list({ population: "people" }).map(times);
    expect(asked).toEqual(kept);
  }
});
