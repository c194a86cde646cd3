// What series have reserved and not spent (protocol-spec.md, section 8.7). It counts against every budget as if it were spent at whichever
// moment it may be: from when its run is due until the run can no longer end.
import type { PrivacyCost } from "@halfroom/release";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";

/** One run of a series that is not spent. */
export interface Booked {
  /** Between these moments it may be spent, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /** Undefined for an exact report. */
  readonly cost: PrivacyCost | undefined;
  /** That it may open at most. */
  readonly numbers: number;
}

/** A run that begins at its last moment takes its budget some hours later, if its data is large. */
export const RUN_MS = DAY_MS;

interface Row {
  due_at: number;
  until_at: number;
  mode: "exact" | "noise";
  micro_epsilon: number;
  pico_rho: string;
  pure: 0 | 1;
  numbers: number;
}

/** Whose, and without which run, by series id in hex. */
export interface ReservedBy {
  readonly population: string;
  /** Of all partners, if left out. */
  readonly partnerKey?: string | undefined;
  readonly except?: { readonly series: string; readonly number: number } | undefined;
}

export class Reserved {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  list({ population, partnerKey, except }: ReservedBy): Booked[] {
    const rows = this.#store.all<Row>(
      `SELECT due_at, until_at, mode, micro_epsilon, pico_rho, pure, numbers
       FROM series_run JOIN series ON series.id = series_run.series
       WHERE state = 'open' AND population = ? AND (? IS NULL OR partner_key = ?) AND NOT (series = ? AND number = ?)`,
      population,
      partnerKey ?? null,
      partnerKey ?? null,
      except?.series ?? "",
      except?.number ?? 0,
    );
    return rows.map((row) => ({
      from: row.due_at,
      until: row.until_at + RUN_MS,
      cost:
        row.mode === "exact"
          ? undefined
          : {
              microEpsilon: row.pure === 1 ? row.micro_epsilon : undefined,
              picoRho: BigInt(row.pico_rho),
            },
      numbers: row.numbers,
    }));
  }
}
