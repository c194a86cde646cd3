// People who opted out, and what is held of whoever asks.
import { useState } from "preact/hooks";
import type { Subject } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Empty, Page, Panel } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import {
  LeftOut,
  leftOutWords,
  TakenOff,
  takenOffWords,
  Unread,
  type LeftOutAnswer,
  type TakenOffAnswer,
} from "../parts/opt-out-answers.tsx";
import { Moment } from "../parts/moment.tsx";
import { PeopleForm } from "../parts/people-form.tsx";
import { faultOf, Problem } from "../parts/problem.tsx";
import { SubjectAnswer } from "../parts/subject-answer.tsx";
import { Table } from "../parts/table.tsx";
import { useAct, useLoaded } from "../use.ts";
import type { OptOutList } from "../words/opt-outs.ts";
import { number } from "../words/text.ts";

export function OptOutsPage() {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.listSuppressed(), []);
  return (
    <Page
      title="Opt-outs"
      lead="People who are left out of every session, whatever a report asks for; and what this node holds of a person who asks."
    >
      {may("suppress") && <People onChange={loaded.reload} />}
      <Panel heading="The list" aside="keyed hashes, of which nobody's identifier can be read">
        <Shown loaded={loaded}>
          {(additions) =>
            additions.length === 0 ? (
              <Empty>Nobody is on it.</Empty>
            ) : (
              <div class="stack">
                <p>
                  {number(additions.reduce((sum, { hashes }) => sum + hashes, 0))} hashes. One person takes
                  several: an identifier has one for each set of rules under which a dataset may know it.
                </p>
                <Table
                  caption="The list of opt-outs"
                  keyOf={({ addedAt }) => addedAt}
                  rows={additions.toReversed()}
                  columns={[
                    {
                      head: "Added",
                      cell: ({ addedAt }) => <Moment at={addedAt} />,
                    },
                    { head: "Hashes", isNumber: true, cell: ({ hashes }) => number(hashes) },
                  ]}
                />
              </div>
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}

type Answer =
  | { readonly kind: "held"; readonly answer: Subject }
  | { readonly kind: "out"; readonly answer: LeftOutAnswer }
  | { readonly kind: "back"; readonly answer: TakenOffAnswer };

/** One form for whom it is about, and three things to do with them. */
function People({ onChange }: { readonly onChange: () => void }) {
  const { client, announce } = useHouse();
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const act = useAct();
  const told = (words: string, given: Answer) => {
    setAnswer(given);
    announce(words);
    if (given.kind !== "held") onChange();
  };
  const unread = faultOf(act.error, "identifier");
  const find = (list: OptOutList) =>
    act.run(
      () => client.readSubject(list),
      (found) => told("What is held is shown below.", { kind: "held", answer: found }),
    );
  const leaveOut = (list: OptOutList) =>
    act.run(
      () => client.suppress(list),
      (done) => told(leftOutWords(done), { kind: "out", answer: done }),
    );
  const takeOff = (list: OptOutList) =>
    act.run(
      () => client.unsuppress(list),
      (done) => told(takenOffWords(done), { kind: "back", answer: done }),
    );
  return (
    <>
      <Panel heading="Whom is it about?">
        <PeopleForm
          onSubmit={find}
          onChange={() => {
            setAnswer(undefined);
            act.forget();
          }}
          unread={unread}
          actions={(list) => (
            <>
              <Button kind="main" type="submit" isBusy={act.isBusy}>
                What is held of them?
              </Button>
              <Button isBusy={act.isBusy} onClick={() => list(leaveOut)}>
                Leave them out
              </Button>
              <Button isBusy={act.isBusy} onClick={() => list(takeOff)}>
                Take them off the list
              </Button>
            </>
          )}
        />
        <Problem error={unread === undefined ? act.error : undefined} />
      </Panel>
      {answer?.kind === "held" && (
        <Panel heading="What this node holds of them">
          <Unread of={answer.answer} state="not looked for" />
          <SubjectAnswer subject={answer.answer} />
        </Panel>
      )}
      {answer?.kind === "out" && (
        <Panel heading={answer.answer.added === 0 ? "Nothing has changed" : "Left out"}>
          <Unread of={answer.answer} state="still in" />
          <LeftOut answer={answer.answer} />
        </Panel>
      )}
      {answer?.kind === "back" && (
        <Panel heading={answer.answer.removed === 0 ? "Nothing has changed" : "Off the list"}>
          <Unread of={answer.answer} state="still on the list" />
          <TakenOff answer={answer.answer} />
        </Panel>
      )}
    </>
  );
}
