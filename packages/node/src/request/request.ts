// Reads a report request (YAML) and says all that is wrong with it: line, field, fault, remedy.
import { readFile } from "node:fs/promises";
import { parseDecimal } from "@halfroom/prepare";
import type { Measure, Role } from "../half.types.ts";
import { readYaml, type YamlValue } from "../yaml/read.ts";
import { YamlError, type YamlProblem } from "../yaml/yaml-error.ts";
import type { ReportRequest } from "./request.types.ts";
import { microEpsilonOf, requestSchema, type RequestFile } from "./schema.ts";

type Side = "ours" | "theirs";
type Complaint = (path: readonly string[], fault: string, remedy: string) => void;

/** Bounds and sums are computed with 64-bit integers. */
const isInt64 = (value: bigint) => BigInt.asIntN(64, value) === value;

/** Errors: `YamlError`, if the file cannot be read or holds no valid request. */
export async function readRequest(file: string): Promise<ReportRequest> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    const remedy = "Check its name and that you may read it.";
    throw new YamlError(file, [{ line: 1, field: "", fault: "the file cannot be read", remedy }]);
  }
  return parseRequest(text, file);
}

/** The request in `text`; `file` names it in messages. Errors: `YamlError`. */
export function parseRequest(text: string, file: string): ReportRequest {
  const read = readYaml(text, file, requestSchema);
  const problems: YamlProblem[] = [];
  const complain: Complaint = (path, fault, remedy) =>
    problems.push({ line: read.lineOf(path), field: path.join("."), fault, remedy });
  const request = toRequest(read, complain);
  if (problems.length > 0) throw new YamlError(file, problems);
  return request;
}

function toRequest({ value }: YamlValue<RequestFile>, complain: Complaint): ReportRequest {
  const role = roleOf(value, complain);
  const [grouping, summing]: [Side, Side] = role === "receiver" ? ["ours", "theirs"] : ["theirs", "ours"];
  if (value[grouping].measures !== undefined) {
    const remedy = "Sum columns of the side that does not group; the side that groups gives the cells.";
    complain([grouping, "measures"], "it does not fit", remedy);
  }
  if (value.exact && value.epsilon !== undefined) {
    complain(["epsilon"], "it does not fit `exact: true`", "Keep one of the two.");
  }
  const { partner, ours, theirs, threshold, epsilon, exact, result, ot_k: otK } = value;
  return {
    partner,
    role,
    ours: ours.dataset,
    theirs: theirs.dataset,
    where: ours.where,
    measures: measuresOf(summing, value[summing].measures ?? {}, complain),
    groupBy: value[grouping].group_by ?? [],
    threshold,
    release: exact ? { mode: "exact" } : { mode: "noise", microEpsilon: microEpsilonOf(epsilon) },
    resultTo: result,
    otK,
  };
}

/** The side whose columns group the report is the receiver. */
function roleOf({ ours, theirs }: RequestFile, complain: Complaint): Role {
  const groups = [ours.group_by, theirs.group_by].filter((columns) => columns !== undefined).length;
  if (groups !== 1) {
    complain(
      ["theirs", "group_by"],
      groups === 0 ? "no side groups the report" : "both sides group the report",
      "Write group_by on one side, and measures, if any, on the other.",
    );
  }
  return ours.group_by === undefined ? "sender" : "receiver";
}

function measuresOf(
  side: Side,
  columns: NonNullable<RequestFile["ours"]["measures"]>,
  complain: Complaint,
): Measure[] {
  return Object.entries(columns).map(([name, { low, high, decimals }]) => {
    const path = [side, "measures", name];
    const bound = (field: "low" | "high", text: string): bigint => {
      const scaled = parseDecimal(text, decimals);
      if (typeof scaled !== "string" && isInt64(BigInt(scaled))) return BigInt(scaled);
      const remedy = `Use at most ${decimals} decimals, as declared, and a number below 2^63 without the point.`;
      complain([...path, field], "it does not fit", remedy);
      return 0n;
    };
    const measure = { name, low: bound("low", low), high: bound("high", high), decimals };
    if (measure.low > measure.high) {
      complain([...path, "high"], "it is smaller than low", "Swap the two bounds.");
    }
    return measure;
  });
}
