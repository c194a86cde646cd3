// The ledger (design sections 2.5 and 3): what a partner has spent over all datasets of a population. An entry is on disk
// before the first message of the release, so that a crash can waste budget but never exceed it.
import type { PrivacyCost } from "@halfroom/release";
import { ProtocolError } from "@halfroom/wire";
import type { Owner } from "../partners/partners.ts";
import { pageOf, type Page } from "../store/page.ts";
import type { Store } from "../store/store.ts";
import { committed } from "./committed.ts";
import { toEntry, type LedgerEntry, type LedgerRow } from "./entry.ts";
import { Reserved } from "./reserved.ts";
import type { Restored } from "./restored.ts";
import { COSTS, epsilonWith, GIGA, spendingOf, type CostRow, type Spending } from "./spending.ts";
import type { Total } from "./totals.ts";
import type { Sealing } from "../vault/vault.ts";
import type { ReleaseRule } from "@halfroom/session";
import { DAY_MS } from "../time.ts";

/** One release to be paid for. */
export interface Charge {
  /** The session id in hex; a session pays once. */
  readonly session: string;
  /** Who pays: found again by its signing key, shown by its name. */
  readonly partner: Owner;
  /** Datasets over the same people share a budget. */
  readonly population: string;
  readonly release: ReleaseRule;
  /** What the release costs; undefined for an exact one. */
  readonly cost: PrivacyCost | undefined;
  /** Numbers that the release may open at most, whatever it costs. */
  readonly numbers: number;
  /** That all these numbers have together: a partner that alters them learns no more. */
  readonly bits: number;
  /** The limits of this side's policy. */
  readonly budgetMicroEpsilon: number;
  readonly populationMicroEpsilon: number;
  readonly lifetimeMicroEpsilon: number;
  readonly exactSessions: number;
  readonly numbersMax: number;
  readonly populationNumbersMax: number;
  readonly periodDays: number;
  /** What counts as spent because the node was restored, if it was. */
  readonly restored?: Restored | undefined;
  /** This side's noise for the release, drawn once; sealed at rest and wiped when the session ends. */
  readonly noise: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whose entries, and which: all partners' and all, where nothing is said. */
export interface SpentBy {
  readonly partnerKey?: string;
  readonly mode?: "exact" | "noise";
}

/** The spending of one partner in the period that ends now. */
export interface Balance extends Spending {
  readonly exactSessions: number;
  readonly sessions: number;
  /** Numbers that those sessions might open. */
  readonly numbers: number;
}

const NOISE = "ledger/noise";
/** What is sealed here. */
export const SEALED_NOISE = { table: "ledger", column: "noise", context: ["session"], purpose: NOISE };
/** The constant refusal of exact reports (design section 2.5): the same words, whatever has changed since the first one. */
export const EXACT_REFUSAL = "no further exact report in this period; ask for a report with noise";

/** What a partner has left behind here before it was pinned, or pinned again. */
export interface History {
  /** Releases that it paid for. */
  readonly sessions: number;
  /** When the first was paid, in milliseconds since 1970; undefined if there is none. */
  readonly firstAt: number | undefined;
}

/** What refusals call the budgets. */
export const BUDGETS = {
  period: "the budget of this period",
  population: "the budget of this period for all partners together",
  lifetime: "the partner's budget for all time",
  numbers: "the number of numbers that may open in this period",
  populationNumbers: "the number of numbers that may open in this period for all partners together",
} as const;

/** Of the names under which the key is pinned today the entry's own if it is among them. */
const SHOWN_NAME = `coalesce(
  (SELECT p.name FROM partner p WHERE lower(hex(p.signing_key)) = ledger.partner_key
   ORDER BY p.name = ledger.name DESC, p.name LIMIT 1),
  ledger.name)`;

/** Columns of a `LedgerRow`. */
const ENTRY = `session, ${SHOWN_NAME} AS partner, partner_key, population, mode, micro_epsilon, pico_rho, numbers, bits, taken_at, settled`;

const TOTALLED = ["seconds", "pure", "micro_epsilon", "giga", "rest", "numbers", "bits"] as const;
type TotalRow = Pick<LedgerRow, "partner_key" | "population" | "mode"> &
  Readonly<Record<"sessions" | (typeof TOTALLED)[number], number>>;

export class Ledger {
  readonly #store: Store;
  readonly #vault: Sealing;
  readonly #reserved: Reserved;

  /** The vault seals the noise. */
  constructor(store: Store, vault: Sealing) {
    this.#store = store;
    this.#vault = vault;
    this.#reserved = new Reserved(store);
  }

  /**
   * Takes the budget for one release, and stores the noise that it will use. Sessions that ask at the same time are judged one
   * after the other. Once this returns, the entry survives any crash. Errors: `refused`.
   */
  take(charge: Charge): void {
    this.#store.transaction(() => {
      this.#assertUnpaid(charge.session);
      this.#assertWithin(charge);
      this.#insert(charge);
    });
  }

  /** What the partner has spent in the `periodDays` that end at `now`. */
  balance(partnerKey: string, population: string, periodDays: number, now: number): Balance {
    const rows = this.#store.all<CostRow & Pick<LedgerRow, "mode" | "numbers">>(
      `SELECT mode, sum(numbers) AS numbers, ${COSTS} FROM ledger
       WHERE partner_key = ? AND population = ? AND mode IN ('exact', 'noise') AND taken_at > ? GROUP BY mode, pure`,
      partnerKey,
      population,
      now - periodDays * DAY_MS,
    );
    const noisy = rows.filter(({ mode }) => mode === "noise");
    const sessions = sumOf(rows, "sessions");
    return {
      ...spendingOf(noisy),
      exactSessions: sessions - sumOf(noisy, "sessions"),
      sessions,
      numbers: sumOf(rows, "numbers"),
    };
  }

  /** What all partners, those that are gone included, have spent over the population in the `periodDays` that end at `now`. */
  populationSpending(population: string, periodDays: number, now: number): Spending {
    const rows = this.#store.all<CostRow>(
      `SELECT ${COSTS} FROM ledger WHERE mode = 'noise' AND population = ? AND taken_at > ? GROUP BY pure`,
      population,
      now - periodDays * DAY_MS,
    );
    return spendingOf(rows);
  }

  /** How many numbers may have opened to all partners, those that are gone included, in the `periodDays` that end at `now`. */
  populationNumbers(population: string, periodDays: number, now: number): number {
    const { opened } = this.#store.get<{ opened: number }>(
      "SELECT coalesce(sum(numbers), 0) AS opened FROM ledger WHERE population = ? AND mode IN ('exact', 'noise') AND taken_at > ?",
      population,
      now - periodDays * DAY_MS,
    )!;
    return opened;
  }

  /** What the partner has spent over the population at any time, or since the node was restored at `after`. */
  lifetimeSpending(partnerKey: string, population: string, after?: number): Spending {
    if (after !== undefined) return this.#spendingAfter(partnerKey, population, after);
    const rows = this.#store.all<CostRow>(
      `SELECT pure, sessions, micro_epsilon, giga, rest FROM ledger_sum
       WHERE partner_key = ? AND population = ? AND mode = 'noise' AND sessions > 0`,
      partnerKey,
      population,
    );
    return spendingOf(rows);
  }

  #spendingAfter(partnerKey: string, population: string, after: number): Spending {
    const rows = this.#store.all<CostRow>(
      `SELECT ${COSTS} FROM ledger
       WHERE partner_key = ? AND population = ? AND mode = 'noise' AND taken_at >= ? GROUP BY pure`,
      partnerKey,
      population,
      after,
    );
    return spendingOf(rows);
  }

  /** When the first entry of a period was taken, in milliseconds since 1970; undefined if there is none. */
  firstTaken({
    population,
    since,
    partnerKey,
    mode,
  }: SpentBy & { population: string; since: number }): number | undefined {
    const { first } = this.#store.get<{ first: number | null }>(
      `SELECT min(taken_at) AS first FROM ledger WHERE population = ? AND mode IN (?, ?) AND taken_at > ?
       AND (? IS NULL OR partner_key = ?)`,
      population,
      mode ?? "exact",
      mode ?? "noise",
      since,
      partnerKey ?? null,
      partnerKey ?? null,
    )!;
    return first ?? undefined;
  }

  /** What the partner with this signing key, in hex, has paid for at any time, over all populations. */
  history(partnerKey: string): History {
    const groups = this.#store.all<Pick<LedgerRow, "population" | "mode"> & { readonly sessions: number }>(
      "SELECT population, mode, sum(sessions) AS sessions FROM ledger_sum WHERE partner_key = ? GROUP BY population, mode",
      partnerKey,
    );
    // Group by group, as the index has them, so that SQLite need not read all rows for the first.
    const firsts = groups.flatMap(({ population, mode }) => {
      const sql = `SELECT min(taken_at) AS first FROM ledger INDEXED BY ledger_spent
         WHERE partner_key = ? AND population = ? AND mode = ?`;
      return this.#store.get<{ first: number | null }>(sql, partnerKey, population, mode)!.first ?? [];
    });
    return {
      sessions: sumOf(groups, "sessions"),
      firstAt: firsts.length === 0 ? undefined : Math.min(...firsts),
    };
  }

  /** The session that this node last completed with the partner. */
  lastSettled(partnerKey: string): string | undefined {
    // By the order of writing: a clock may have gone back.
    const sql =
      "SELECT session FROM ledger WHERE partner_key = ? AND settled = 1 ORDER BY rowid DESC LIMIT 1";
    return this.#store.get<{ session: string }>(sql, partnerKey)?.session;
  }

  /** The noise that was stored when the budget was taken; undefined for an exact report and once it is settled. */
  noise(session: string): Uint8Array | undefined {
    const row = this.#store.get<{ noise: Uint8Array | null }>(
      "SELECT noise FROM ledger WHERE session = ?",
      session,
    );
    if (row === undefined || row.noise === null) return undefined;
    return this.#vault.open(NOISE, [session], row.noise);
  }

  /** Whether the session took what it costs. */
  isTaken(session: string): boolean {
    return this.#store.get("SELECT 1 FROM ledger WHERE session = ?", session) !== undefined;
  }

  /** The session has ended well: the entry stays, the noise is wiped. */
  settle(session: string): void {
    this.#store.run("UPDATE ledger SET settled = 1 WHERE session = ?", session);
    this.wipe(session);
  }

  /** Wipes the noise of a session that has ended, from the log of the store as well. */
  wipe(session: string): void {
    const wiped = this.#store.run(
      "UPDATE ledger SET noise = NULL WHERE session = ? AND noise IS NOT NULL",
      session,
    );
    if (wiped > 0) this.#store.forgetDeleted();
  }

  /** Wipes the noise of sessions that will never finish, because they are no longer live. Returns how many. */
  wipeNoise(isLive: (session: string) => boolean): number {
    return this.#store.transaction(() => {
      const rows = this.#store.all<{ session: string }>("SELECT session FROM ledger WHERE noise IS NOT NULL");
      const dead = rows.filter(({ session }) => !isLive(session));
      for (const { session } of dead) this.wipe(session);
      return dead.length;
    });
  }

  /** Newest first: all, or a page of them. Errors: `no-session`, if the page begins after an entry that is not there. */
  entries(page: Page = {}): LedgerEntry[] {
    const { from, limit } = pageOf(this.#store, { table: "ledger", moment: "taken_at", id: "session" }, page);
    const sql = `SELECT ${ENTRY} FROM ledger WHERE (taken_at, session) < (?, ?) ORDER BY taken_at DESC, session DESC LIMIT ?`;
    return this.#store.all<LedgerRow>(sql, ...from, limit).map(toEntry);
  }

  /** Of one session, in hex. */
  entry(session: string): LedgerEntry | undefined {
    const row = this.#store.get<LedgerRow>(`SELECT ${ENTRY} FROM ledger WHERE session = ?`, session);
    return row && toEntry(row);
  }

  /** Sums of what an entry says and nothing changes, as SQLite keeps them: of all entries. */
  totals(): Total[] {
    return this.#store
      .all<TotalRow>(
        `SELECT partner_key, population, mode, sum(sessions) AS sessions, sum(seconds) AS seconds, sum(pure * sessions) AS pure,
           sum(micro_epsilon) AS micro_epsilon, sum(giga) AS giga, sum(rest) AS rest, sum(numbers) AS numbers, sum(bits) AS bits
         FROM ledger_sum GROUP BY partner_key, population, mode`,
      )
      .map(toTotal);
  }

  /** The same, added up from the entries: of all, which reads them all, or of that of one session. */
  addedUp(session?: string): Total[] {
    const which = session === undefined ? "" : "WHERE session = ?";
    return this.#store
      .all<TotalRow>(
        `SELECT partner_key, population, mode, count(*) AS sessions, sum(taken_at / 1000) AS seconds, sum(pure) AS pure,
           sum(micro_epsilon) AS micro_epsilon, sum(CAST(pico_rho AS INTEGER) / ${GIGA}) AS giga,
           sum(CAST(pico_rho AS INTEGER) % ${GIGA}) AS rest, sum(numbers) AS numbers, sum(bits) AS bits
         FROM ledger ${which} GROUP BY partner_key, population, mode`,
        ...(session === undefined ? [] : [session]),
      )
      .map(toTotal);
  }

  /** Whether entries of 0.1 have a name that is gone where a signing key belongs. */
  hasNameless(): boolean {
    return this.#store.get("SELECT 1 FROM ledger WHERE length(partner_key) < 64 LIMIT 1") !== undefined;
  }

  #assertUnpaid(session: string): void {
    if (this.#store.get("SELECT 1 FROM ledger WHERE session = ?", session) === undefined) return;
    throw new ProtocolError(
      "refused",
      "this session has taken its budget already; trying again needs a new agreement",
    );
  }

  #assertWithin(charge: Charge): void {
    const { cost, numbers, restored } = charge;
    const { period, everybody, lifetime, ...counts } = committed(this, this.#reserved, {
      partnerKey: charge.partner.key,
      population: charge.population,
      periodDays: charge.periodDays,
      now: charge.now,
      restoredAt: restored?.at,
    });
    if (cost === undefined && counts.exactSessions >= charge.exactSessions)
      throw new ProtocolError("refused", EXACT_REFUSAL);
    const assertFits = (isWithin: boolean, budget: string) => {
      if (!isWithin) throw new ProtocolError("refused", `${budget} does not suffice`);
    };
    if (cost !== undefined) {
      const fits = (spending: Spending, limit: number) => epsilonWith(spending, [cost]) <= limit;
      assertFits(fits(period, charge.budgetMicroEpsilon), BUDGETS.period);
      assertFits(fits(everybody, charge.populationMicroEpsilon), BUDGETS.population);
      const left = charge.lifetimeMicroEpsilon - (restored?.lifetimeMicroEpsilon ?? 0);
      assertFits(fits(lifetime, left), BUDGETS.lifetime);
    }
    // Whatever a partner adds to what opens, a number carries no more than its bits.
    assertFits(counts.numbers + numbers <= charge.numbersMax, BUDGETS.numbers);
    assertFits(counts.everybodyNumbers + numbers <= charge.populationNumbersMax, BUDGETS.populationNumbers);
  }

  #insert({ session, partner, population, release, cost, numbers, bits, noise, now }: Charge): void {
    this.#store.run(
      "INSERT INTO ledger (session, partner_key, name, population, mode, micro_epsilon, pico_rho, pure, numbers, bits, taken_at, noise) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      session,
      partner.key,
      partner.name,
      population,
      release.mode,
      release.mode === "exact" ? 0 : release.microEpsilon,
      (cost?.picoRho ?? 0n).toString(),
      cost !== undefined && cost.microEpsilon === undefined ? 0 : 1,
      numbers,
      bits,
      now,
      noise === undefined ? null : this.#vault.seal(NOISE, [session], noise),
    );
  }
}

function toTotal({ partner_key, population, mode, sessions, ...sums }: TotalRow): Total {
  return {
    group: [partner_key, population, mode],
    sums: [sessions, ...TOTALLED.map((column) => sums[column])],
  };
}

function sumOf<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], column: Key): number {
  return rows.reduce((sum, row) => sum + row[column], 0);
}
