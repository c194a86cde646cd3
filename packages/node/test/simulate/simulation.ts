// A run: two nodes that have met, reports in both directions, and what happens to them meanwhile, all from one seed. After every step
// the books of both sides are held against what has really been opened.
import { join } from "node:path";
import { DAY_MS, HOUR_MS } from "../../src/time.ts";
import { Books } from "./books.ts";
import { copyFolder, Disk, type Fault } from "./disk.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import type { PlainWork, Row } from "./plain-work.ts";
import { requestBy } from "./reports.ts";
import { Site } from "./site.ts";
import { NAMES, other, type MadeNodes, type Name } from "./made-nodes.ts";

const MINUTE_MS = 60_000;
/** Longer than any limit of the settings: what has not ended by then has no way out. */
const PATIENCE_MS = 14 * HOUR_MS;
/** After which whoever watches over a node starts one again that is down. */
const WATCHED_MS = 5 * MINUTE_MS;
const FINAL = ["done", "refused", "failed"];

/** What is wrong, and the last of what led to it. */
export class Violation extends Error {}

/** How often what happens; a session that nothing happens to is always possible. */
export interface Weather {
  /** A disk call that fails. */
  readonly disk: number;
  readonly cut: number;
  readonly kill: number;
  readonly restore: number;
  /** A clock that is off by a month. */
  readonly jump: number;
  /** A person who says no. */
  readonly deny: number;
}

export const ROUGH: Weather = { disk: 0.3, cut: 0.25, kill: 0.15, restore: 0.08, jump: 0.1, deny: 0.1 };

export class Simulation {
  readonly machine: Machine;
  readonly disk: Disk;
  readonly network: Network;
  readonly sites: Readonly<Record<Name, Site>>;
  /** Sessions whose reports a side keeps that nothing has gone wrong with. */
  reports = 0;
  sessions = 0;
  /** What was made while a clock was ahead lapses later. */
  #hasJumped = false;
  readonly #rows: Record<Name, readonly Row[]>;
  readonly books: Books;
  readonly #weather: Weather;

  constructor(
    seed: string,
    made: MadeNodes,
    work: PlainWork,
    scratch: string,
    weather: Weather,
    tell?: (line: string) => void,
  ) {
    this.#weather = weather;
    const machine = (this.machine = new Machine(seed, tell));
    this.books = new Books(machine, () => this.sites);
    this.disk = new Disk(machine.chance);
    this.disk.onFault = ({ life, number, name }, fault) =>
      machine.tell(`${life.name} ${fault} at call ${number}, ${name}`);
    this.network = new Network(machine);
    this.network.onSend = ({ name }, type) => this.books.onSend(name as Name, type);
    this.#rows = { advertiser: this.#people(), publisher: this.#people() };
    const site = (name: Name): Site => {
      const { fingerprint, folder } = made[name];
      const copy = join(scratch, name);
      copyFolder(folder, copy);
      const connect = this.network.connectFrom(fingerprint);
      const plain = work.works(
        connect,
        () => this.#rows[name],
        (asked) => this.books.watched(name, asked, this.#rows[name]),
      );
      const works = {
        ...plain,
        openSqlite: this.disk.openSqlite,
        runSession: ((link, input) =>
          this.books.ofOneSession(() => plain.runSession(link, input))) as typeof plain.runSession,
      };
      const it = new Site(name, fingerprint, copy, machine, works);
      it.onDefect = (words) => this.books.defects.push(words);
      this.network.hosts.set(`${name}:1`, it);
      return it;
    };
    this.sites = { advertiser: site("advertiser"), publisher: site("publisher") };
  }

  /** Puts machine and disk in the place of the process's own for as long as `work` takes. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    const away = [this.machine.install(), this.disk.install()];
    const onRejection = (error: unknown) =>
      this.books.defects.push(`nobody caught: ${error instanceof Error ? error.stack : String(error)}`);
    process.on("unhandledRejection", onRejection);
    try {
      return await work();
    } finally {
      for (const site of Object.values(this.sites)) site.remove();
      process.off("unhandledRejection", onRejection);
      for (const restore of away.reverse()) restore();
    }
  }

  /** Sessions whose last message was fetched later. */
  get completed(): number {
    return NAMES.reduce((sum, name) => sum + this.sites[name].completed, 0);
  }

  /** A whole run of so many steps. Throws Violation. */
  async run(steps: number): Promise<void> {
    for (const name of NAMES) this.sites[name].denies = this.#weather.deny;
    for (const name of NAMES) await this.start(name);
    for (let step = 0; step < steps; step++) {
      await this.#between();
      await this.#reportsUnderWeather();
      this.check();
    }
    await this.#everythingEnds();
  }

  /**
   * One report while the call of that number, of one side, fails in one of its ways, and a process that it ends is started again some
   * minutes later; then reports with nothing in the way, of which the third at the latest is there. Returns how many calls each side made
   * until the first ended. Throws Violation.
   */
  async withOneFault(
    by: Name,
    at?: { readonly name: Name; readonly call: number },
  ): Promise<Record<Name, number>> {
    for (const name of NAMES) await this.start(name);
    const calls = { advertiser: 0, publisher: 0 };
    this.disk.decide = ({ life, faults }) => {
      const call = ++calls[life.name as Name];
      return life.name === at?.name && call === at.call ? faults[call % faults.length] : undefined;
    };
    const ended = this.#proposed(by, true);
    if (!(await this.machine.until(ended, WATCHED_MS))) for (const name of NAMES) await this.#revive(name);
    await this.#endOf(by, ended);
    const made = { ...calls };
    this.disk.decide = () => undefined;
    await this.machine.pass(3 * MINUTE_MS);
    for (const name of NAMES) await this.#revive(name);
    this.check();
    for (let tries = 3; ; tries--) {
      const how = await this.report(by, true);
      if (["fresh", "stored"].includes(how)) break;
      if (tries === 1) throw this.violation(`no report for ${by}, although nothing is in its way: ${how}`);
    }
    await this.machine.pass(MINUTE_MS);
    this.check();
    await this.#everythingEnds();
    return made;
  }

  /** One report, proposed by a side, and what follows from it until both sides are at rest. */
  async report(by: Name, exact: boolean): Promise<string> {
    return await this.#endOf(by, this.#proposed(by, exact));
  }

  async #proposed(by: Name, exact: boolean): Promise<string> {
    this.sessions++;
    const how = await this.sites[by].run(requestBy(by, exact));
    this.machine.tell(`${by}'s ${exact ? "exact" : "noisy"} report: ${how}`);
    return how;
  }

  async #endOf(by: Name, ended: Promise<string>): Promise<string> {
    if (!(await this.machine.until(ended, PATIENCE_MS))) throw this.violation(`${by}'s report does not end`);
    return await ended;
  }

  /** Throws Violation, if it does not. */
  async start(name: Name): Promise<void> {
    this.machine.tell(`${name} starts`);
    if (!(await this.sites[name].start())) throw this.violation(`${name} does not start`);
  }

  async #reportsUnderWeather(): Promise<void> {
    const { chance } = this.machine;
    const { disk, cut, kill } = this.#weather;
    const slow = chance.is(0.2) ? 2000 : 20;
    this.network.delayMs = () => 1 + chance.number() ** 4 * slow;
    this.network.cutAfter = () => (chance.is(cut) ? chance.below(40) : Infinity);
    if (chance.is(disk)) this.#failOnce(chance.of(NAMES), chance.below(260));
    if (chance.is(kill)) {
      const victim = this.sites[chance.of(NAMES)];
      this.machine.after(chance.number() * slow * 8, () => {
        if (!victim.isUp) return;
        this.machine.tell(`${victim.name} is killed`);
        victim.kill();
      });
    }
    const by = chance.of(NAMES);
    const reports = [this.report(by, chance.is(0.4))];
    if (chance.is(0.25)) reports.push(this.report(chance.of(NAMES), chance.is(0.4)));
    await Promise.all(reports);
    this.disk.decide = () => undefined;
    this.network.cutAfter = () => Infinity;
    // The answering side may still wait for what will not come.
    await this.machine.pass(3 * MINUTE_MS);
    for (const name of NAMES) await this.#revive(name);
  }

  async #revive(name: Name): Promise<void> {
    const site = this.sites[name];
    if (site.isUp) return;
    site.kill();
    const { chance } = this.machine;
    if (chance.is(this.#weather.disk)) {
      // A start that fails leaves nothing in the way of the next one.
      this.#failOnce(name, chance.below(60));
      const how = (await site.start()) ? "starts" : "does not start";
      this.machine.tell(`${name} ${how} on a failing disk`);
      this.disk.decide = () => undefined;
      if (site.isUp) return;
      site.kill();
    }
    await this.start(name);
  }

  /** The call of that number from now on fails in one of the ways that it can. */
  #failOnce(name: Name, from: number): void {
    const { chance } = this.machine;
    let left = from;
    let lasting = chance.is(0.3) ? 1 + chance.below(12) : 1;
    let kind: Fault | undefined;
    this.disk.decide = ({ life, faults }) => {
      if (life.name !== name || left-- > 0 || lasting <= 0) return undefined;
      const fault = kind !== undefined && faults.includes(kind) ? kind : chance.of(faults);
      lasting--;
      kind = fault;
      return fault;
    };
  }

  async #between(): Promise<void> {
    const { chance } = this.machine;
    const name = chance.of(NAMES);
    const site = this.sites[name];
    if (chance.is(0.3)) this.#rows[name] = this.#people();
    if (chance.is(0.25)) {
      this.machine.tell(`${name} is backed up`);
      site.backUp();
    }
    if (chance.is(this.#weather.restore) && site.backups.length > 0) await this.#restore(name);
    if (chance.is(0.3)) await this.#pause(name, chance.of([HOUR_MS, DAY_MS, 9 * DAY_MS, 31 * DAY_MS]));
    if (chance.is(this.#weather.jump)) await this.#jump(name);
    if (chance.is(0.1)) site.clock.aheadMs += Math.round((chance.number() - 0.5) * 4 * MINUTE_MS);
  }

  /** A clock is off by a month, until somebody notices: meanwhile nothing is released, and nothing is given back by it. */
  async #jump(name: Name): Promise<void> {
    const { chance } = this.machine;
    const site = this.sites[name];
    const aheadMs = chance.of([31, -31]) * DAY_MS;
    site.clock.aheadMs += aheadMs;
    this.machine.tell(`${name}'s clock jumps by ${aheadMs / DAY_MS} days`);
    if (await this.#reportsAnyway(chance.of(NAMES)))
      throw this.violation(`a report is released although ${name}'s clock is off by a month`);
    await this.machine.pass(chance.of([0, MINUTE_MS, HOUR_MS]));
    site.clock.aheadMs -= aheadMs;
    site.correctClock();
    this.#hasJumped = true;
    this.machine.tell(`${name}'s clock is set right`);
  }

  async #reportsAnyway(by: Name): Promise<boolean> {
    return (await this.report(by, this.machine.chance.is(0.5))) === "fresh";
  }

  async #restore(name: Name): Promise<void> {
    const site = this.sites[name];
    this.machine.tell(`${name} is restored`);
    const known = new Set(site.node!.ledger.entries().map(({ session }) => session));
    site.restore(this.machine.chance.of(site.backups));
    await this.start(name);
    for (const { session } of site.node!.ledger.entries()) known.delete(session);
    this.books.forget(name, known);
  }

  /** Both nodes are down for a while. */
  async #pause(name: Name, ms: number): Promise<void> {
    for (const each of NAMES) this.sites[each].kill();
    this.machine.tell(`down for ${ms / HOUR_MS} h`);
    this.machine.now += ms;
    for (const each of [name, other(name)]) await this.start(each);
  }

  /** People of a side: about half of all there are. */
  #people(): Row[] {
    const { chance } = this.machine;
    const rows: Row[] = [];
    for (let person = 0; person < 110; person++) {
      if (chance.is(0.4)) continue;
      const campaign = chance.of(["spring", "spring", "autumn"]);
      rows.push({ person: `person ${person}`, cents: BigInt(chance.below(50_000)), campaign });
    }
    return rows;
  }

  /** With nothing in the way and enough time, every session is over. */
  async #everythingEnds(): Promise<void> {
    await this.#pause("advertiser", 13 * HOUR_MS);
    await this.machine.pass(5 * MINUTE_MS);
    this.#assertCompleted();
    if (this.#hasJumped) await this.#pause("advertiser", 32 * DAY_MS);
    for (const name of NAMES) {
      const { node } = this.sites[name];
      for (const { id, state } of node!.sessions.list())
        if (!FINAL.includes(state)) this.books.defects.push(`${name}'s session ${id} stays ${state}`);
      this.reports += node!.reports.list().length;
    }
    this.check();
  }

  /** What the partner could complete is complete. */
  #assertCompleted(): void {
    for (const name of NAMES) {
      const partner = this.sites[other(name)].node!;
      for (const { id, session } of this.sites[name].node!.sessions.completable())
        if (partner.receipts.get(session!) !== undefined || partner.unsettled.get(session!) !== undefined)
          this.books.defects.push(`${name}'s session ${id} is not completed, although its partner could`);
    }
  }

  /** Throws Violation, if either side's books are not right. */
  check(): void {
    this.books.check();
    const { defects } = this.books;
    if (defects.length > 0) throw this.violation(defects.join("\n"));
  }

  violation(words: string): Violation {
    return new Violation(`${words}\n  ${this.machine.lines.slice(-40).join("\n  ")}`);
  }
}
