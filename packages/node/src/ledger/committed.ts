// What is spent and what series have reserved, together: that is what a budget bounds. Of what is reserved it is not known yet when it will be
// spent, only between which moments; so a budget holds if it holds in every period to come, each with all that may fall into it.
import type { PrivacyCost } from "@halfroom/release";
import { DAY_MS } from "../time.ts";
import type { Ledger } from "./ledger.ts";
import type { Booked, Reserved, ReservedBy } from "./reserved.ts";
import { epsilonWith, type Spending } from "./spending.ts";

export interface Committed {
  /** By the partner in a period. */
  readonly period: Spending;
  /** By all partners over the population in a period. */
  readonly everybody: Spending;
  /** By the partner at any time. */
  readonly lifetime: Spending;
  /** The most of any period. */
  readonly exactSessions: number;
  readonly numbers: number;
  readonly everybodyNumbers: number;
}

export interface CommittedBy extends ReservedBy {
  readonly partnerKey: string;
  readonly periodDays: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When this node was restored, for the budget for all time. */
  readonly restoredAt?: number | undefined;
  /** To be reserved besides. */
  readonly more?: readonly Booked[];
}

export function committed(ledger: Ledger, reserved: Reserved, by: CommittedBy): Committed {
  const { partnerKey, population, periodDays, now, restoredAt, except, more = [] } = by;
  const own = [...reserved.list({ partnerKey, population, except }), ...more];
  const all = [...reserved.list({ population, except }), ...more];
  // What is spent now lies in no period that ends later than this; what is to be reserved may.
  const end = more.length > 0 ? Infinity : now + periodDays * DAY_MS;
  const periods = (booked: readonly Booked[]) =>
    periodEnds(booked, now, end).map((at) => ({ at, booked: within(booked, at, periodDays) }));
  const ofPartner = periods(own).map((each) => ({
    ...each,
    spent: ledger.balance(partnerKey, population, periodDays, each.at),
  }));
  const ofAll = periods(all).map((each) => ({
    ...each,
    spent: ledger.populationSpending(population, periodDays, each.at),
    numbers: ledger.populationNumbers(population, periodDays, each.at),
  }));
  const most = (counts: readonly number[]) => Math.max(...counts);
  return {
    period: spendingOf(ofPartner.map(({ spent, booked }) => [...spent.costs, ...costsOf(booked)])),
    everybody: spendingOf(ofAll.map(({ spent, booked }) => [...spent.costs, ...costsOf(booked)])),
    lifetime: spendingOf([
      [...ledger.lifetimeSpending(partnerKey, population, restoredAt).costs, ...costsOf(own)],
    ]),
    exactSessions: most(
      ofPartner.map(
        ({ spent, booked }) => spent.exactSessions + booked.filter(({ cost }) => cost === undefined).length,
      ),
    ),
    numbers: most(ofPartner.map(({ spent, booked }) => spent.numbers + numbersOf(booked))),
    everybodyNumbers: most(ofAll.map(({ numbers, booked }) => numbers + numbersOf(booked))),
  };
}

/** The ends of the periods that matter: now, and whenever something more may have been spent. */
function periodEnds(booked: readonly Booked[], now: number, end: number): number[] {
  const later = booked.map(({ from }) => from).filter((at) => at > now && at < end);
  return [now, ...new Set(later)];
}

function within(booked: readonly Booked[], at: number, periodDays: number): Booked[] {
  const since = at - periodDays * DAY_MS;
  return booked.filter(({ from, until }) => from <= at && until > since);
}

function costsOf(booked: readonly Booked[]): PrivacyCost[] {
  return booked.flatMap(({ cost }) => cost ?? []);
}

function numbersOf(booked: readonly Booked[]): number {
  return booked.reduce((sum, { numbers }) => sum + numbers, 0);
}

function spendingOf([costs = [], ...ahead]: readonly (readonly PrivacyCost[])[]): Spending {
  const spending = ahead.length === 0 ? { costs } : { costs, ahead };
  return { ...spending, microEpsilon: epsilonWith({ ...spending, microEpsilon: 0 }, []) };
}
