// The ledger (design sections 2.5 and 3): what a partner has spent over all datasets of a population. An entry is on the
// disk before the first message of the release, so that a crash can waste budget and never exceed it.
import { epsilonAtDelta, type PrivacyCost } from "@halfroom/release";
import type { Store } from "../store/store.ts";
import type { Vault } from "../vault/vault.ts";
import type { Balance, Charge, LedgerEntry } from "./ledger.types.ts";

const DAY_MS = 86_400_000;
const NOISE = "ledger/noise";
/** What was spent in a period is stated as epsilon at 10^LEDGER_DELTA_EXPONENT. */
export const LEDGER_DELTA_EXPONENT = -6;

/** The budget does not suffice, or the session has paid already. The words are for the partner too. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: "budget" | "exact" | "paid";

  constructor(code: LedgerError["code"], words: string) {
    super(words);
    this.code = code;
  }
}

interface Row {
  session: string;
  partner: string;
  population: string;
  mode: "exact" | "noise";
  micro_epsilon: number;
  pico_rho: string;
  pure: 0 | 1;
  taken_at: number;
  settled: 0 | 1;
}

export class Ledger {
  readonly #store: Store;
  readonly #vault: Vault;

  /** The vault seals the noise. */
  constructor(store: Store, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /**
   * Takes the budget of one release, with the noise that it will use. Two sessions that ask at once are judged one after
   * the other. When it returns, the entry survives any crash. Errors: `LedgerError`.
   */
  take(charge: Charge): void {
    this.#store.transaction(() => {
      this.#assertUnpaid(charge.session);
      const { partner, population, periodDays, now } = charge;
      this.#assertAffordable(charge, this.balance(partner, population, periodDays, now));
      this.#insert(charge);
    });
  }

  /** What the partner has spent in the `periodDays` that end at `now`. */
  balance(partner: string, population: string, periodDays: number, now: number): Balance {
    const rows = this.#store.all<Pick<Row, "mode" | "micro_epsilon" | "pico_rho" | "pure">>(
      "SELECT mode, micro_epsilon, pico_rho, pure FROM ledger WHERE partner = ? AND population = ? AND taken_at > ?",
      partner,
      population,
      now - periodDays * DAY_MS,
    );
    const costs = rows
      .filter(({ mode }) => mode === "noise")
      .map(({ micro_epsilon, pico_rho, pure }): PrivacyCost => {
        return { microEpsilon: pure === 1 ? micro_epsilon : undefined, picoRho: BigInt(pico_rho) };
      });
    const microEpsilon = epsilonAtDelta(costs, LEDGER_DELTA_EXPONENT);
    return { costs, microEpsilon, exactSessions: rows.length - costs.length, sessions: rows.length };
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

  /** The session came to its end: the entry stays, the noise is wiped. */
  settle(session: string): void {
    this.#store.run("UPDATE ledger SET settled = 1, noise = NULL WHERE session = ?", session);
  }

  /** Wipes the noise of sessions that will never end: those in no live state. Returns how many. */
  wipeNoise(isLive: (session: string) => boolean): number {
    return this.#store.transaction(() => {
      const rows = this.#store.all<{ session: string }>("SELECT session FROM ledger WHERE noise IS NOT NULL");
      const dead = rows.filter(({ session }) => !isLive(session));
      for (const { session } of dead) {
        this.#store.run("UPDATE ledger SET noise = NULL WHERE session = ?", session);
      }
      return dead.length;
    });
  }

  /** Newest first. */
  entries(): LedgerEntry[] {
    const rows = this.#store.all<Row>(
      "SELECT session, partner, population, mode, micro_epsilon, pico_rho, taken_at, settled FROM ledger ORDER BY taken_at DESC, session",
    );
    return rows.map((row) => ({
      session: row.session,
      partner: row.partner,
      population: row.population,
      mode: row.mode,
      microEpsilon: row.micro_epsilon,
      picoRho: row.pico_rho,
      takenAt: row.taken_at,
      settled: row.settled === 1,
    }));
  }

  #assertUnpaid(session: string): void {
    if (this.#store.get("SELECT 1 FROM ledger WHERE session = ?", session) === undefined) return;
    throw new LedgerError("paid", "this session has taken its budget already; a retry needs a new agreement");
  }

  #assertAffordable({ cost, budgetMicroEpsilon, exactSessions }: Charge, spent: Balance): void {
    if (cost === undefined) {
      if (spent.exactSessions < exactSessions) return;
      throw new LedgerError("exact", "no further exact report in this period; ask for a report with noise");
    }
    if (epsilonAtDelta([...spent.costs, cost], LEDGER_DELTA_EXPONENT) <= budgetMicroEpsilon) return;
    throw new LedgerError("budget", "the budget of this period does not suffice");
  }

  #insert({ session, partner, population, release, cost, noise, now }: Charge): void {
    this.#store.run(
      "INSERT INTO ledger (session, partner, population, mode, micro_epsilon, pico_rho, pure, taken_at, noise) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      session,
      partner,
      population,
      release.mode,
      release.mode === "exact" ? 0 : release.microEpsilon,
      (cost?.picoRho ?? 0n).toString(),
      cost !== undefined && cost.microEpsilon === undefined ? 0 : 1,
      now,
      noise === undefined ? null : this.#vault.seal(NOISE, [session], noise),
    );
  }
}
