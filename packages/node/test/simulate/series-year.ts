// A year of a weekly series between the two nodes: they are killed, down for days, cut from each other for days. Whatever happens, each run is made
// once or told as missed, by both sides, and the budget comes out to the last unit.
import { committed } from "../../src/ledger/committed.ts";
import { DAY_MS, HOUR_MS } from "../../src/time.ts";
import type { SeriesRow, SeriesRun } from "../../src/series/row.ts";
import type { NodeState } from "../../src/node-state.ts";
import { lives } from "./machine.ts";
import { NAMES, other, PERIOD_DAYS, type Name } from "./made-nodes.ts";
import type { Simulation } from "./simulation.ts";

const MINUTE_MS = 60_000;
const RUNS = 52;
const EPSILON = 30;
const MICRO_EPSILON = EPSILON * 1e6;
/** Two cells with a sum. */
const NUMBERS = 4;
const LATE_DAYS = 3;
/** Runs whose spans, with the day that a run may take, fall into one period of 30 days. */
const IN_A_PERIOD = 5;

/** Budgets of both policies that the series uses up, to the last unit. */
export const JUST_ENOUGH = {
  epsilon: EPSILON,
  budget: IN_A_PERIOD * EPSILON,
  population_budget: IN_A_PERIOD * EPSILON,
  lifetime_budget: RUNS * EPSILON,
  numbers: IN_A_PERIOD * NUMBERS,
  population_numbers: IN_A_PERIOD * NUMBERS,
};

/** As the policies allow, or with one run more, for which they do not suffice. */
function seriesRequest(missed: "late" | "tell", runs = RUNS): string {
  return `partner: publisher
ours: { dataset: purchases, measures: { revenue: { low: 0, high: 500, decimals: 2 } } }
theirs: { dataset: exposures, group_by: [campaign] }
threshold: 11
epsilon: ${EPSILON}
series:
  { every: week, on: monday, at: "06:00", from: 2027-01-11, runs: ${runs}, missed: ${missed}, late_for: ${LATE_DAYS} days, numbers: ${NUMBERS} }
`;
}

/** What became of the runs, as the advertiser, who asked for the series, has it. */
export interface Year {
  readonly done: number;
  readonly missed: number;
  /** Spent without a report. */
  readonly taken: number;
  /** Runs in whose whole time nothing was in the way. */
  readonly undisturbed: number;
}

/** Runs a year. Throws Violation. */
export async function seriesYear(simulation: Simulation, missed: "late" | "tell"): Promise<Year> {
  const { machine } = simulation;
  for (const name of NAMES) await simulation.start(name);
  const tooMany = await asked(simulation, seriesRequest(missed, RUNS + 1));
  if (tooMany !== "refused-here") throw simulation.violation(`a series beyond the budget: ${tooMany}`);
  const how = await asked(simulation, seriesRequest(missed));
  if (how !== "series") throw simulation.violation(`the series is not agreed on: ${how}`);
  assertReserved(simulation);
  const due = runsAt(simulation, "advertiser").map(({ dueAt }) => dueAt);
  const { startsAt: startedAt } = machine;
  const undisturbed: number[] = [];
  for (const [index, at] of due.entries()) {
    const isCalm = await weekOf(
      simulation,
      at - startedAt,
      Math.min(6 * DAY_MS, (due[index + 1] ?? Infinity) - at - DAY_MS),
    );
    if (isCalm) undisturbed.push(index + 1);
    simulation.check();
  }
  await skipTo(simulation, due.at(-1)! - startedAt + 7 * DAY_MS);
  await machine.pass(5 * MINUTE_MS);
  simulation.check();
  return judged(simulation, undisturbed);
}

async function asked({ machine, sites }: Simulation, text: string): Promise<string> {
  const ended = sites.advertiser.run(text);
  await machine.until(ended, 12 * HOUR_MS);
  return await Promise.race([ended, Promise.resolve("waits")]);
}

/** From before a run is due until well after it may begin; whether nothing happened to it. */
async function weekOf(simulation: Simulation, dueAt: number, lastsMs: number): Promise<boolean> {
  const { machine, network } = simulation;
  const { chance } = machine;
  const weather = chance.of(["calm", "calm", "kill", "cut", "down", "apart", "all week"] as const);
  machine.tell(`week: ${weather}`);
  await skipTo(simulation, dueAt - 10 * MINUTE_MS);
  if (weather === "calm") {
    await machine.pass(HOUR_MS);
    return true;
  }
  const name = chance.of(NAMES);
  if (weather === "cut") network.cutAfter = () => (chance.is(0.7) ? chance.below(40) : Infinity);
  if (weather === "kill") killSoon(simulation, name, 10 * MINUTE_MS + chance.number() * 90_000);
  const away = weather === "all week" ? lastsMs : chance.number() * 4 * DAY_MS;
  if (weather === "down" || weather === "all week") await down(simulation, name, away);
  if (weather === "apart") await apart(simulation, away);
  for (let hour = 0; hour < 3; hour++) {
    await machine.pass(HOUR_MS);
    for (const each of NAMES) if (!simulation.sites[each].isUp) await revive(simulation, each);
    if (hour === 0) network.cutAfter = () => Infinity;
  }
  return false;
}

function killSoon({ machine, sites }: Simulation, name: Name, ms: number): void {
  machine.after(ms, () => {
    if (sites[name].isUp) sites[name].kill();
  });
}

async function revive(simulation: Simulation, name: Name): Promise<void> {
  simulation.sites[name].kill();
  await simulation.start(name);
}

/** A side is down for a while; the other one has its partner away at first, and is restarted itself. */
async function down(simulation: Simulation, name: Name, ms: number): Promise<void> {
  const { machine, sites } = simulation;
  sites[name].kill();
  await machine.pass(30 * MINUTE_MS);
  sites[other(name)].kill();
  machine.now += ms;
  for (const each of NAMES) await simulation.start(each);
}

/** Both are up, and cannot reach each other. */
async function apart(simulation: Simulation, ms: number): Promise<void> {
  const { machine, network } = simulation;
  const hosts = [...network.hosts];
  network.hosts.clear();
  await machine.pass(2 * HOUR_MS);
  for (const each of NAMES) simulation.sites[each].kill();
  machine.now += ms;
  for (const each of NAMES) await simulation.start(each);
  await machine.pass(HOUR_MS);
  for (const [address, host] of hosts) network.hosts.set(address, host);
}

/** Both are down until then. */
async function skipTo(simulation: Simulation, at: number): Promise<void> {
  const { machine, sites } = simulation;
  if (machine.now >= at) return;
  for (const each of NAMES) sites[each].kill();
  machine.now = at;
  for (const each of NAMES) await simulation.start(each);
}

function nodeOf({ sites }: Simulation, name: Name): NodeState {
  return sites[name].node!;
}

function seriesAt(simulation: Simulation, name: Name): SeriesRow {
  return lives.exit(() => nodeOf(simulation, name).series.list()[0]!);
}

function runsAt(simulation: Simulation, name: Name): SeriesRun[] {
  return lives.exit(() => nodeOf(simulation, name).series.runs(seriesAt(simulation, name).id));
}

/** The whole budget is reserved, and no report more fits. */
function assertReserved(simulation: Simulation): void {
  for (const name of NAMES) {
    const lifetime = committedAt(simulation, name);
    if (lifetime !== RUNS * MICRO_EPSILON)
      throw simulation.violation(`${name} has ${lifetime} committed at first`);
  }
}

/** By the partner at any time, in millionths. */
function committedAt(simulation: Simulation, name: Name): number {
  return lives.exit(() => {
    const node = nodeOf(simulation, name);
    const { partnerKey, population } = seriesAt(simulation, name);
    const by = { partnerKey, population, periodDays: PERIOD_DAYS, now: node.clock.now() };
    const { lifetime } = committed(node.ledger, node.reserved, by);
    return sumOf(lifetime.costs.map(({ microEpsilon }) => microEpsilon ?? 0));
  });
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

/** Holds what both sides say of each run against what has really opened, and against their ledgers. */
function judged(simulation: Simulation, undisturbed: readonly number[]): Year {
  const opened = new Set(simulation.books.runsOpened());
  for (const name of NAMES) {
    const runs = runsAt(simulation, name);
    const node = nodeOf(simulation, name);
    const say = (words: string): never => {
      throw simulation.violation(`${name}: ${words}`);
    };
    const told = lives.exit(
      () => new Set([...node.audit.ofKind("series-missed")].map(({ facts }) => facts["run"])),
    );
    for (const { number, state, session, why } of runs) {
      if (state === "open") say(`run ${number} is still to be made`);
      if (state === "missed" && !told.has(number)) say(`run ${number} is missed and nobody was told`);
      if (state === "missed" && why === undefined) say(`run ${number} is missed for no reason`);
      const entry = session === undefined ? undefined : lives.exit(() => node.ledger.entry(session));
      if ((entry !== undefined) !== (state === "done" || state === "taken"))
        say(`run ${number} is ${state}, its ledger differs`);
      if (state === "done" && !opened.has(number)) say(`run ${number} is done and has opened nothing`);
    }
    const spent = lives.exit(() => node.ledger.entries()).filter(({ microEpsilon }) => microEpsilon > 0);
    const paid = runs.filter(({ state }) => state === "done" || state === "taken");
    if (spent.length !== paid.length) say(`${spent.length} entries in the ledger for ${paid.length} runs`);
    const lifetime = committedAt(simulation, name);
    if (lifetime !== paid.length * MICRO_EPSILON) say(`${lifetime} is committed after the last run`);
  }
  assertAlike(simulation, opened);
  const runs = runsAt(simulation, "advertiser");
  for (const { number, state } of runs)
    if (undisturbed.includes(number) && state !== "done")
      throw simulation.violation(`run ${number} is ${state}, although nothing was in its way`);
  const count = (state: SeriesRun["state"]) => runs.filter((run) => run.state === state).length;
  return {
    done: count("done"),
    missed: count("missed"),
    taken: count("taken"),
    undisturbed: undisturbed.length,
  };
}

/** A run whose report one side has, the other has or has paid for; one that opened is missed by nobody who opened it. */
function assertAlike(simulation: Simulation, opened: ReadonlySet<number>): void {
  const theirs = runsAt(simulation, "publisher");
  for (const { number, state } of runsAt(simulation, "advertiser")) {
    const partners = theirs[number - 1]!.state;
    if ([state, partners].includes("done") && [state, partners].includes("missed"))
      throw simulation.violation(`run ${number} is ${state} on one side and ${partners} on the other`);
    if (opened.has(number) && state === "missed" && partners === "missed")
      throw simulation.violation(`run ${number} has opened, and both sides say that it was missed`);
  }
}
