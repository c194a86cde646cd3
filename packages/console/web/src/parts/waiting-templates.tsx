// Templates of ours that wait for people here.
import type { Template } from "../answers.ts";
import { link } from "../router.ts";
import { KINDS } from "../words/reports.ts";
import { actorWords } from "../words/sessions.ts";
import { counted, name, number, sentence } from "../words/text.ts";
import { givenWords } from "../words/waiting.ts";
import { Moment } from "./moment.tsx";
import { Table, type Column } from "./table.tsx";

export function WaitingTemplates({
  caption,
  verb,
  templates,
}: {
  readonly caption: string;
  /** What the link lets one do. */
  readonly verb: "Decide on" | "See";
  readonly templates: readonly Template[];
}) {
  if (templates.length === 0) return null;
  return (
    <Table
      caption={caption}
      keyOf={({ id }) => id}
      rows={templates}
      columns={[linked(verb), APPROVED, ...ABOUT]}
    />
  );
}

function linked(verb: string): Column<Template> {
  return {
    head: "Template",
    cell: ({ id, name: called, version, partner, description }) => {
      const words = `${name(called)}, version ${number(version)}`;
      return (
        <>
          <a href={link("templates", id)} aria-label={`${verb}: template ${words}, for ${name(partner)}`}>
            {words}
          </a>
          <p class="hint">for {name(partner)} to run</p>
          <p class="hint any">{sentence(description)}</p>
        </>
      );
    },
  };
}

const APPROVED: Column<Template> = {
  head: "Approved",
  cell: ({ approvals }) =>
    approvals === undefined ? (
      <span class="hint">Today's policy refuses it.</span>
    ) : (
      <>
        <span class="nowrap">{givenWords(approvals)}</span>
        {approvals.given.map(({ by }) => (
          <p class="hint">by {actorWords(by)}</p>
        ))}
      </>
    ),
};
const ABOUT: readonly Column<Template>[] = [
  { head: "Report", isMore: true, cell: ({ report }) => KINDS[report] },
  {
    head: "Runs",
    isMore: true,
    cell: ({ runs, days }) => `up to ${number(runs)} in ${counted(days, "day")}`,
  },
  { head: "Until", isMore: true, cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
  { head: "Since", cell: ({ at }) => <Moment at={at} /> },
];
