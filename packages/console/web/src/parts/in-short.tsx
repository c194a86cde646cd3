// A proposal in three lines, for whoever decides: what it shows, what may go wrong, what it costs. The sentences below say it whole.
import type { Session } from "../answers.ts";
import { askedForWords, resultWords } from "../words/sessions.ts";
import { epsilon, number, sentence } from "../words/text.ts";
import { Panel } from "./basics.tsx";

/** `report`: the node's own sentences, of which one says the cost. */
export function InShort({
  session,
  report,
}: {
  readonly session: Session;
  readonly report: readonly string[];
}) {
  const cost = report.find((words) => words.startsWith("It costs "));
  return (
    <Panel heading="In short">
      <ul class="sentences">
        <li>
          <strong>It shows</strong> {askedForWords(session)}, where at least {number(session.threshold)}{" "}
          people are behind a number; the result is for {resultWords(session)}.
        </li>
        <li>
          <strong>The risk:</strong> {riskWords(session)}
        </li>
        {cost !== undefined && (
          <li>
            <strong>The cost:</strong> {sentence(cost)}
          </li>
        )}
      </ul>
    </Panel>
  );
}

function riskWords({ release }: Session): string {
  return release.mode === "exact"
    ? "numbers are exact, and two such reports over people who differ a little show what the difference contributed."
    : `noise hides what one person contributes, to epsilon ${epsilon(release.microEpsilon)}: the smaller, the better. Many reports together say more than one.`;
}
