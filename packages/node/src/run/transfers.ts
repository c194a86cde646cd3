// Where the transfers of a report come from, if its request leaves that to this node. Silent ones leave less than a third of
// the bytes of a large report, and stand on one assumption more (protocol-spec.md, section 16.4). So they are taken where the estimated time of
// the session is shorter by a tenth with them, at the speed that the line to the partner was last found to have.
import type { MeasuredLine } from "../partners/partners.ts";
import type { TransfersSource } from "../request/request.ts";
import type { Effort } from "./effort.ts";

export interface TransfersChoice {
  readonly source: TransfersSource;
  /** Whether the request says so, or the partner's template. */
  readonly isOrdered: boolean;
  /** A sentence for the user; undefined where there was no choice. */
  readonly why: string | undefined;
}

/** What a choice is made by, in the order in which it decides. */
export interface TransfersFacts {
  /** Whether this side's policy allows silent transfers. */
  readonly isAllowed: boolean;
  readonly line: MeasuredLine | undefined;
  /** The session with either kind; undefined if no session has shown the sizes of both sides. */
  readonly efforts: Readonly<Record<TransfersSource, Effort>> | undefined;
}

/** Of the session's time: less is no more than what such an estimate is wrong by, and no reason for an assumption. */
const SAVED_MIN = 0.1;

/** A choice that says why. */
type Told = TransfersChoice & { readonly why: string };

export function orderedTransfers(source: TransfersSource): TransfersChoice {
  return { source, isOrdered: true, why: undefined };
}

/** Those of a proposal that waits, and that was made with others than would be chosen now. */
export function proposedTransfers(source: TransfersSource): Told {
  const from = source === "silent" ? "silent" : "from SoftSpokenOT";
  return { source, isOrdered: false, why: `Transfers are ${from}, as in the proposal that waits.` };
}

export function chooseTransfers({ isAllowed, line, efforts }: TransfersFacts): Told {
  if (!isAllowed) return softspoken("our policy refuses silent ones");
  if (line === undefined)
    return softspoken(`no session with this partner has measured the line yet${DECIDES}`);
  if (efforts === undefined)
    return softspoken(`no session over these datasets has shown the sizes of both sides yet${DECIDES}`);
  const seconds = {
    softspoken: sessionSeconds(efforts.softspoken, line),
    silent: sessionSeconds(efforts.silent, line),
  };
  const at = `at the ${lineWords(line)} to this partner`;
  if (seconds.softspoken - seconds.silent < SAVED_MIN * seconds.softspoken)
    return softspoken(`${at} silent ones would save less than a tenth of the time`);
  const time = `${rounded(seconds.silent)} s in place of ${rounded(seconds.softspoken)} s`;
  const why = `Transfers are silent: ${at} the session takes about ${time} with them. \`transfers: softspoken\` does without their assumption.`;
  return { source: "silent", isOrdered: false, why };
}

/** What is chosen when the partner's node ends a proposal whose terms it cannot read. */
export const OLDER_PARTNER = softspoken(
  "the partner's node cannot read a request for silent ones, so it is of Halfroom 0.2 or older",
);

const DECIDES = "; `transfers: silent` or `transfers: softspoken` decides";

function softspoken(because: string): Told {
  return { source: "softspoken", isOrdered: false, why: `Transfers are from SoftSpokenOT: ${because}.` };
}

/** From the proposal to the receipts. */
function sessionSeconds({ seconds, busierBytes }: Effort, { bytesPerSecond }: MeasuredLine): number {
  return seconds + busierBytes / bytesPerSecond;
}

/** "40 Mbit/s that were measured on 2026-12-01 on the line". */
export function lineWords({ bytesPerSecond, measuredAt }: MeasuredLine): string {
  return `${rounded((8 * bytesPerSecond) / MEGABIT)} Mbit/s that were measured on ${new Date(measuredAt).toISOString().slice(0, 10)} on the line`;
}

const MEGABIT = 1e6;

/** To two digits, and never below one tenth. */
export function rounded(value: number): string {
  return String(Math.max(0.1, Number(value.toPrecision(2))));
}
