// Who has approved what more than one person has to approve.
import type { Session } from "../answers.ts";
import { actorWords } from "../words/sessions.ts";
import { Moment } from "./moment.tsx";

type Given = NonNullable<Session["approvals"]>;

const BARS = {
  token: "A token is nobody in particular: sign in with a name to approve it.",
  asker: "You asked for this report: two other people have to approve it.",
  approved: "You have approved it: it waits for another person.",
} as const;

/** Nothing where one person decides. */
export function Approvals({ approvals }: { readonly approvals: Given | undefined }) {
  if (approvals === undefined || approvals.needed < 2) return null;
  const { needed, given, barred } = approvals;
  return (
    <div class="notice">
      <p>
        {needed} people have to approve; {given.length} {given.length === 1 ? "has" : "have"} so far.
      </p>
      {given.map(({ by, at }) => (
        <p>
          {actorWords(by)}, <Moment at={at} />
        </p>
      ))}
      {barred !== undefined && <p>{BARS[barred]}</p>}
    </div>
  );
}
