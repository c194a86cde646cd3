// The short form of a rehearsal: a report of sums by flags alone. It becomes a request, which the sender proposes.
import { parseRequest, THRESHOLD_FLOOR, type RequestRecord } from "@halfroom/node";
import { formatDecimal, quoted, sharedColumnName } from "@halfroom/report";
import { keyNameOf } from "../commands/node/dataset-flags.ts";
import { OperatorError, badInput } from "../failure.ts";
import { parseMeasure, wholeNumber, type MeasureFlag } from "../flags.ts";
import { dataFlags, sideDataOf, type DataFlags } from "./definitions.ts";
import { limitsOf, rehearse, type LimitFlags, type OnSideEvent, type Rehearsal } from "./rehearsal.ts";

/** The flags that together are a request; text as it was typed. */
export interface ShortForm {
  readonly match: readonly string[];
  readonly measure: readonly string[];
  readonly "group-by": readonly string[];
  readonly threshold?: string | undefined;
  readonly exact: boolean;
  readonly epsilon?: string | undefined;
  readonly "ot-k"?: string | undefined;
}

/** Rehearses it on two files, folders or named datasets. Throws as `rehearse`. */
export async function rehearseShort(
  flags: ShortForm & LimitFlags & { readonly home?: string | undefined },
  { sender, receiver }: { readonly sender: string; readonly receiver: string },
  onEvent: OnSideEvent,
): Promise<Rehearsal> {
  const labels = { ours: "sender", theirs: "receiver" };
  const { request, text, match } = shortRequest(flags);
  const [ours, theirs] = [dataFlags(flags, "ours", [sender]), dataFlags(flags, "theirs", [receiver])];
  const given = { ours: withKeys(ours, match), theirs: withKeys(theirs, match) };
  const data = await sideDataOf({ request, data: given, sourceFlags: labels, home: flags.home });
  return await rehearse({ request, requestText: text, labels, data, ...limitsOf(flags) }, onEvent);
}

/** A side's own flag for a key takes precedence over the one for both sides. */
function withKeys(data: DataFlags, match: readonly string[]): DataFlags {
  const own = new Set(data.match.map(keyNameOf));
  return { ...data, match: [...data.match, ...match.filter((flag) => !own.has(keyNameOf(flag)))] };
}

export interface ShortRequest {
  readonly request: RequestRecord;
  /** The request as a file of a node holds it. */
  readonly text: string;
  /** `--match` flags for both sides that say more than the name of a key. */
  readonly match: readonly string[];
}

/** Throws OperatorError: bad input, or `refused-here` if the threshold is too low for any node. */
export function shortRequest(flags: ShortForm): ShortRequest {
  const measures = flags.measure.map(parseMeasure);
  const groupBy = flags["group-by"].flatMap((columns) => columns.split(","));
  if (groupBy.includes(""))
    throw badInput("--group-by has an empty column name; give column,column without blanks.");
  const shared = sharedColumnName({ groupBy, measures });
  if (shared !== undefined) {
    throw badInput(
      `Two columns of the report would be called ${quoted(shared)}; each name can be used once, "people" not at all.`,
    );
  }
  const written = flags.match.filter((flag) => flag.includes("="));
  const text = JSON.stringify({
    report: "sums",
    partner: "receiver",
    match: flags.match.flatMap((flag) => (flag.includes("=") ? [keyNameOf(flag)] : flag.split(","))),
    ours: { dataset: "sender", ...(measures.length > 0 && { measures: measuresField(measures) }) },
    theirs: { dataset: "receiver", group_by: groupBy },
    ...thresholdOf(flags),
    ...releaseOf(flags),
    ot_k: flags["ot-k"] === "8" ? 8 : 4,
  });
  return { request: parsed(text), text, match: written };
}

function measuresField(measures: readonly MeasureFlag[]): Record<string, unknown> {
  return Object.fromEntries(
    measures.map(({ name, low, high, decimals }) => [
      name,
      { low: formatDecimal(low, decimals), high: formatDecimal(high, decimals), decimals },
    ]),
  );
}

/** Without a flag the request's own default holds. */
function thresholdOf({ threshold: text }: ShortForm): { threshold?: number } {
  if (text === undefined) return {};
  const threshold = wholeNumber("threshold", text, 0, 2 ** 31);
  if (threshold >= THRESHOLD_FLOOR) return { threshold };
  throw new OperatorError(
    "refused-here",
    `--threshold ${threshold} is refused: a cell of fewer than ${THRESHOLD_FLOOR} people says too much about each of them.\n` +
      `Give ${THRESHOLD_FLOOR} or more.`,
  );
}

function releaseOf({ exact, epsilon }: ShortForm): { exact: true } | { epsilon?: number } {
  if (!exact) {
    if (epsilon === undefined) return {};
    if (/^\d{1,3}(\.\d{1,6})?$/.test(epsilon)) return { epsilon: Number(epsilon) };
    throw badInput(
      `--epsilon ${epsilon} is not a number above 0 with at most 6 decimals; give 1 or 0.5, for example.`,
    );
  }
  if (epsilon === undefined) return { exact: true };
  throw badInput("--exact and --epsilon exclude each other: an exact report has no noise.");
}

/** The parsed request; what is wrong with it is reported as bad flags. */
function parsed(text: string): RequestRecord {
  try {
    return parseRequest(text, "the flags");
  } catch (error) {
    const problem = error instanceof OperatorError ? error.problems[0] : undefined;
    if (problem === undefined) throw error;
    const { field, fault, remedy } = problem;
    throw badInput(`The flags do not make a valid request: ${field}: ${fault}.\n${remedy}`, error);
  }
}
