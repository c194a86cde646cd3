// The kinds of report and the states of sessions, in words.
import { TITLES as KINDS, titleOf } from "@halfroom/report/titles";

export { KINDS };
export type Kind = keyof typeof KINDS;

/** Of a session, a series or the like. */
export function kindWords({
  report: kind,
  newPeople,
}: {
  readonly report: Kind;
  readonly newPeople?: true | undefined;
}): string {
  return titleOf({ kind, newPeople });
}

export const KIND_NOTES: Readonly<Record<Kind, string>> = {
  overlap: "People in common and the match rate.",
  sums: "People, sums and means by cell.",
  index: "Who is over-represented among the people in common.",
  reach: "People by campaign, and by how often they saw it.",
  attribution: "Events of one side, credited to the last touch of the other before them.",
  lift: "Test group against control group.",
};

export const STATES = {
  proposed: "proposed",
  held: "waits for a person",
  approved: "approved",
  preparing: "being prepared",
  agreed: "agreed",
  running: "running",
  done: "done",
  refused: "denied",
  failed: "failed",
} as const;

export const STAGES: readonly { readonly name: string; readonly words: string }[] = [
  { name: "prepare", words: "Our data is read" },
  { name: "agree", words: "Both sides agree and sign" },
  { name: "pseudonymise", words: "Identifiers become pseudonyms" },
  { name: "match", words: "People are matched, on shares" },
  { name: "aggregate", words: "Cells are added up, on shares" },
  { name: "release", words: "Noise, threshold, opening" },
];
