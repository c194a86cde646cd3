// What came of leaving people out, or of taking them off the list.
import type { OptOutsRead } from "../answers.ts";
import { counted, name, names, number, sentence } from "../words/text.ts";
import { Facts } from "./basics.tsx";

export interface LeftOutAnswer extends OptOutsRead {
  readonly added: number;
  readonly pseudonyms: number;
  readonly keptSessions: number;
  readonly unreadable: readonly string[];
}

export interface TakenOffAnswer extends OptOutsRead {
  readonly removed: number;
}

function foundWords({ found }: OptOutsRead): string {
  const parts = Object.entries(found).map(([key, count]) => `${number(count)} by ${name(key)}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

const peopleIn = ({ found }: OptOutsRead): number =>
  Object.values(found).reduce((sum, each) => sum + each, 0);

/** What came of it, by the counts. */
export function leftOutWords(answer: LeftOutAnswer): string {
  if (peopleIn(answer) === 0) return "Nobody was left out: no identifier could be read.";
  if (answer.added === 0) return "All of these were on the list already, and stay left out.";
  return `${counted(answer.added, "identifier")} new on the list: whoever has one enters no session from now on.`;
}

export function takenOffWords(answer: TakenOffAnswer): string {
  if (peopleIn(answer) === 0) return "Nobody was taken off the list: no identifier could be read.";
  if (answer.removed === 0) return "None of these was on the list.";
  return `${counted(answer.removed, "identifier")} off the list: whoever has one enters sessions again, unless another of their identifiers is on it.`;
}

export function LeftOut({ answer }: { readonly answer: LeftOutAnswer }) {
  const { added, pseudonyms, keptSessions, unreadable } = answer;
  return (
    <div class="stack">
      <p>{leftOutWords(answer)}</p>
      <Facts
        entries={[
          ["Identifiers", foundWords(answer)],
          ["New on the list", number(added)],
          ["Kept pseudonyms deleted", number(pseudonyms)],
          ["Sessions kept for a replay deleted", number(keptSessions)],
        ]}
      />
      {unreadable.length > 0 && (
        <p class="notice warn">
          Not looked into, because the data cannot be read now: {names(unreadable)}. Add the same people again
          later.
        </p>
      )}
      <p class="hint">
        Rows in your own data stay as they are, and so do backups of this node; a node that is restored from
        one needs the list again. Kept pseudonyms are what this node keeps of people for the next session with
        a partner.
      </p>
    </div>
  );
}

export function TakenOff({ answer }: { readonly answer: TakenOffAnswer }) {
  return (
    <div class="stack">
      <p>{takenOffWords(answer)}</p>
      <Facts
        entries={[
          ["Identifiers", foundWords(answer)],
          ["Were on the list", number(answer.removed)],
        ]}
      />
    </div>
  );
}

/** Rows that hold no identifier that can be read: the people whom they mean are not among those found. */
export function Unread({ of: { unread }, state }: { readonly of: OptOutsRead; readonly state: string }) {
  if (unread.length === 0) return null;
  return (
    <div class="notice warn">
      <p>Some rows hold no identifier that can be read. The people whom they mean are {state}:</p>
      <ul class="sentences">
        {unread.map(({ reason, rows, examples }) => (
          <li>
            {sentence(reason)}: {counted(rows, "row")}, the first of them {examples.map(number).join(", ")}
          </li>
        ))}
      </ul>
    </div>
  );
}
