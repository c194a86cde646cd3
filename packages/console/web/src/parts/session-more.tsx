// What else is left to do with a session: read what came of it, give it up, complete it.
import type { Session } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Panel } from "./basics.tsx";
import { Problem } from "./problem.tsx";
import { link } from "../router.ts";
import { useAct } from "../use.ts";
import { sentence } from "../words/text.ts";

export function More({ session, onDone }: { readonly session: Session; readonly onDone: () => void }) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  const { id, state, initiatedBy, session: hash } = session;
  const isWaiting = initiatedBy === "us" && ["proposed", "held", "approved"].includes(state);
  const isLost = state === "failed" && session.stage === "release";
  const done = (words: string) => () => {
    announce(words);
    onDone();
  };
  const choices = [
    state === "done" && (
      <a class="button" href={link("reports", hash ?? id)}>
        The report
      </a>
    ),
    state === "done" && may("showReceipt") && (
      <a class="button" href={link("receipts", id)}>
        The receipt
      </a>
    ),
    isWaiting && may("cancelSession") && (
      <Button
        isBusy={act.isBusy}
        onClick={() => act.run(() => client.cancelSession({ id }), done("The proposal is given up."))}
      >
        Give the proposal up
      </Button>
    ),
    isLost && may("completeSession") && (
      <Button
        isBusy={act.isBusy}
        onClick={() => act.run(() => client.completeSession({ id }), done("The report is complete."))}
      >
        Ask the partner for the receipt
      </Button>
    ),
  ].filter((choice) => choice !== false);
  if (choices.length === 0 && session.where === undefined) return null;
  return (
    <Panel heading="More">
      <div class="stack">
        {session.where !== undefined && (
          <p>
            Our own filter, which the partner never sees: <code>{sentence(session.where)}</code>
          </p>
        )}
        <Problem error={act.error} />
        <div class="actions">{choices}</div>
      </div>
    </Panel>
  );
}
