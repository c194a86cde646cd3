import type { Measure } from "@halfroom/session";
import { formatDecimal } from "@halfroom/report";
import { parseRequest as parse, readRequest as read, type ReportRequest } from "../request/request.ts";
import { inWords } from "./node.ts";

/** A report request with its defaults filled in; bounds of measures are decimal numbers in text. */
export interface RequestRecord extends Omit<ReportRequest, "measures"> {
  readonly measures: readonly (Omit<Measure, "low" | "high"> & {
    readonly low: string;
    readonly high: string;
  })[];
}

/** Reads a request from a YAML file, without asking a node or a partner. Rejects with OperatorError `yaml`. */
export async function readRequest(file: string): Promise<RequestRecord> {
  return await inWords(async () => recordOf(await read({ file })));
}

/** The request in a YAML text; `name` stands for its file in messages. Throws OperatorError `yaml`. */
export function parseRequest(text: string, name: string): RequestRecord {
  return recordOf(parse(text, name));
}

function recordOf({ measures, ...request }: ReportRequest): RequestRecord {
  const shown = measures.map(({ low, high, ...measure }) => ({
    ...measure,
    low: formatDecimal(low, measure.decimals),
    high: formatDecimal(high, measure.decimals),
  }));
  return { ...request, measures: shown };
}
