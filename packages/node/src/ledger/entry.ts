// An entry of the ledger, and the row of its table.

export interface LedgerEntry {
  readonly session: string;
  /** This side's name for the partner: today's if it is pinned, or else the one when the entry was written. */
  readonly partner: string;
  /**
   * The partner's signing key in hex. An entry that a partner under a name that is gone left in a store of 0.1 has that name here,
   * until a partner joins whose key its agreement names.
   */
  readonly partnerKey: string;
  readonly population: string;
  readonly mode: "exact" | "noise";
  /** As agreed, in millionths. */
  readonly microEpsilon: number;
  /** Concentrated cost, rho in units of 10^-12. */
  readonly picoRho: string;
  /** Numbers that the release might open; 0 in an entry of an earlier version, which did not count them. */
  readonly numbers: number;
  /** That they have together. */
  readonly bits: number;
  readonly takenAt: number;
  /** Whether the session that it paid for ended well. */
  readonly settled: boolean;
}

/** As `ledger.ts` reads it. */
export interface LedgerRow {
  session: string;
  partner: string;
  partner_key: string;
  population: string;
  mode: "exact" | "noise";
  micro_epsilon: number;
  pico_rho: string;
  pure: 0 | 1;
  numbers: number;
  bits: number;
  taken_at: number;
  settled: 0 | 1;
}

export function toEntry(row: LedgerRow): LedgerEntry {
  return {
    session: row.session,
    partner: row.partner,
    partnerKey: row.partner_key,
    population: row.population,
    mode: row.mode,
    microEpsilon: row.micro_epsilon,
    picoRho: row.pico_rho,
    numbers: row.numbers,
    bits: row.bits,
    takenAt: row.taken_at,
    settled: row.settled === 1,
  };
}
