// What a user reads of what would come of a report.
import { costWords } from "../policy/cost.ts";
import { termsWords } from "../policy/run-terms.ts";
import type { Effort } from "./effort.ts";
import type { Outlook } from "./outlook.ts";
import { lineWords, rounded } from "./transfers.ts";

const MEGABYTE = 1e6;
/** By which seconds are given where nobody has measured the line: 100 Mbit/s, in bytes a second. */
const LINE_BYTES = 1e8 / 8;

export function outlookWords({
  terms,
  cost,
  people,
  opening,
  effort,
  transfers,
  line,
  stored,
}: Outlook): string[] {
  const theirs =
    people.theirs === undefined
      ? "how many the partner has is not known before the first session over these datasets"
      : `the partner stated ${people.theirs} on ${new Date(people.theirsAt!).toISOString().slice(0, 10)}`;
  return [
    ...termsWords(terms),
    ...(stored === undefined
      ? costWords(cost)
      : [
          `The report of session ${stored.slice(0, 12)} is stored: if the partner's data is what it was too, it is served again and costs nothing.`,
        ]),
    `We have ${people.ours} people; ${theirs}.`,
    opening.words,
    effortWords(effort, line),
    ...(transfers.why === undefined ? [] : [transfers.why]),
  ];
}

const ASSUMED = {
  people: "as many people as we",
  cells: "64 cells",
  categories: "4 categories",
} as const;

function effortWords(
  { seconds, bytes, busierBytes, isFirst, assumed }: Effort,
  line: Outlook["line"],
): string {
  const onLine = busierBytes / (line?.bytesPerSecond ?? LINE_BYTES);
  const at = line === undefined ? "100 Mbit/s" : `the ${lineWords(line)}`;
  const first = isFirst ? ", in which everybody is new to the key of this session" : "";
  const guess =
    assumed.length === 0 ? "" : ` if the partner has ${assumed.map((what) => ASSUMED[what]).join(" and ")}`;
  return `It takes about ${rounded(seconds)} s${first}, and moves about ${rounded(bytes / MEGABYTE)} MB, about ${rounded(onLine)} s more at ${at}${guess}.`;
}
