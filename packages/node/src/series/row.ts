// A series as a node keeps it, and its runs.
import { readSeries, type Role, type SeriesAgreement, type Signatures } from "@halfroom/session";

/**
 * open: to be made, and what it costs is reserved. taken: its budget is spent, and its numbers may have opened; it is never made again. done:
 * its report is there. missed: it will not be made, and what was reserved for it is free again.
 */
export type RunState = "open" | "taken" | "done" | "missed";

export interface SeriesRun {
  /** From 1. */
  readonly number: number;
  /** When it is due and until when it may begin, in milliseconds since 1970. */
  readonly dueAt: number;
  readonly untilAt: number;
  readonly state: RunState;
  /** Id of the last session that was to make it. */
  readonly attempt: string | undefined;
  /** The session, in hex, that took its budget. */
  readonly session: string | undefined;
  /**
   * Why it was missed: nobody could begin it in time (`late`), a later one was made before it (`passed`), it is over at the partner (`partner`), the series
   * `ended`; or the code with which the last attempt failed.
   */
  readonly why: string | undefined;
}

export interface SeriesRow {
  /** The series id in hex. */
  readonly id: string;
  /** Short, for the command line: that of the session that asked for it, as a rule the same on both sides. */
  readonly name: string;
  readonly partner: string;
  /** Of the partner's owner (`ownerOf`). */
  readonly partnerKey: string;
  readonly initiatedBy: "us" | "partner";
  readonly role: Role;
  readonly population: string;
  readonly agreement: SeriesAgreement;
  /** This side's filter as it was asked for, with dates relative to a run. */
  readonly where: string | undefined;
  /** Milliseconds since 1970. */
  readonly agreedAt: number;
  readonly ended: { readonly at: number; readonly by: "us" | "partner" } | undefined;
  /** Whether the partner knows that this side has ended it. */
  readonly isTold: boolean;
}

/** As the table `series` has it. */
export interface Row {
  id: string;
  name: string;
  partner: string;
  partner_key: string;
  initiated_by: "us" | "partner";
  role: Role;
  population: string;
  bytes: Uint8Array;
  filter: string | null;
  agreed_at: number;
  ended_at: number | null;
  ended_by: "us" | "partner" | null;
  told: 0 | 1;
}

export interface RunRow {
  number: number;
  due_at: number;
  until_at: number;
  state: RunState;
  attempt: string | null;
  session: string | null;
  why: string | null;
}

export function toSeries(row: Row): SeriesRow {
  return {
    id: row.id,
    name: row.name,
    partner: row.partner,
    partnerKey: row.partner_key,
    initiatedBy: row.initiated_by,
    role: row.role,
    population: row.population,
    agreement: readSeries(row.bytes),
    where: row.filter ?? undefined,
    agreedAt: row.agreed_at,
    ended: row.ended_at === null ? undefined : { at: row.ended_at, by: row.ended_by! },
    isTold: row.told === 1,
  };
}

export function toRun(row: RunRow): SeriesRun {
  return {
    number: row.number,
    dueAt: row.due_at,
    untilAt: row.until_at,
    state: row.state,
    attempt: row.attempt ?? undefined,
    session: row.session ?? undefined,
    why: row.why ?? undefined,
  };
}

/** Both signatures, the sender's first. */
export function signatureBytes({ sender, receiver }: Signatures): Uint8Array {
  return Buffer.concat([sender, receiver]);
}
