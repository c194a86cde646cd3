// Why a number is there or not, for machines.
import type { BucketState } from "../stats/reach.ts";
import type { Row } from "../view/rows.ts";

/** opened; closed; over-pair (over 85 % of a base match); nobody (this side has none there); unseen (the partner alone knows). */
export type Status = BucketState | "over-pair";

export function statusOf({ cell, nobody }: Row): Status {
  if (nobody === true) return "nobody";
  if (cell?.overPair === true) return "over-pair";
  return cell?.people === undefined ? "closed" : "opened";
}

/** Of the sum of measure i: its people may be shown while it stays closed. */
export function sumStatusOf(row: Row, i: number): Status {
  const status = statusOf(row);
  return status === "opened" && row.cell?.sums[i] === undefined ? "closed" : status;
}
