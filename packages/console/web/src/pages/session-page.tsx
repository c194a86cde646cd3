// A session: what it would reveal, or has revealed, to whom, what it costs, what is left, and, of one that waits here, the decision.
import type { Compared, Policy, PolicyChanges, Session } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Budgets, budgetTitle } from "../parts/budgets.tsx";
import { Empty, type Entry, Facts, Page, Panel, Sentences } from "../parts/basics.tsx";
import { Decision, ToDecision } from "../parts/decision.tsx";
import { InShort } from "../parts/in-short.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { More } from "../parts/session-more.tsx";
import { SessionState } from "../parts/session-state.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useState } from "preact/hooks";
import { useLoaded } from "../use.ts";
import { policyWords } from "../words/policies.ts";
import { KIND_NOTES, kindWords } from "../words/reports.ts";
import {
  actorWords,
  datasetsOf,
  groupingWords,
  isHere,
  measuresWords,
  releaseWords,
  resultWords,
} from "../words/sessions.ts";
import { inQuotes, name, number, sentence, short } from "../words/text.ts";

export function SessionPage({ id }: { readonly id: string }) {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.showSession({ id }), [id]);
  const session = loaded.data?.session;
  const [outcome, setOutcome] = useState<string | undefined>(undefined);
  const canDecide =
    session !== undefined && isHere(session) && outcome === undefined && may("approveSession");
  const decided = (words: string) => {
    setOutcome(words);
    loaded.reload();
  };
  const title =
    session === undefined
      ? "Session"
      : `${kindWords(session)}, ${session.initiatedBy === "us" ? "asked of" : "asked by"} ${name(session.partner)}`;
  return (
    <Page
      title={title}
      lead={session && KIND_NOTES[session.report]}
      actions={canDecide ? <ToDecision /> : undefined}
    >
      <Shown loaded={loaded} lines={12}>
        {({ session: shown, compared, policyChanges, disclosure: { report, weLearn, partnerLearns } }) => {
          const would = ["done", "running"].includes(shown.state) ? "" : "would ";
          return (
            <>
              {isHere(shown) && <InShort session={shown} report={report} />}
              <Panel heading="The report" aside={<SessionState session={shown} />}>
                <div class="stack columns">
                  <About session={shown} />
                  <Sentences items={report} />
                </div>
              </Panel>
              <div class="pair">
                <Panel heading={`We ${would}learn`}>
                  <Sentences items={weLearn} />
                </Panel>
                <Panel heading={`${name(shown.partner)} ${would === "" ? "learns" : "would learn"}`}>
                  <Sentences items={partnerLearns} />
                </Panel>
              </div>
              <Before session={shown} compared={compared} />
              <Rules session={shown} changes={policyChanges} />
              {(isHere(shown) || outcome !== undefined) && (
                <Decision session={shown} outcome={outcome} onDecided={decided} />
              )}
              <More session={shown} onDone={loaded.reload} />
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

/** Whether today's policy holds for it. */
const isUndecided = ({ state }: Session): boolean => ["held", "proposed"].includes(state);

function About({ session }: { readonly session: Session }) {
  const { ours, theirs } = datasetsOf(session);
  const isWaiting = ["held", "proposed", "approved"].includes(session.state);
  return (
    <Facts
      entries={[
        ["Our dataset", name(ours)],
        ["Their dataset", name(theirs)],
        ["Cells", groupingWords(session)],
        ["Numbers", measuresWords(session)],
        ["Threshold", `${number(session.threshold)} people`],
        ["Noise", releaseWords(session)],
        ["Result for", resultWords(session)],
        isWaiting
          ? ["Waits until", <Moment at={session.expiresAt} />]
          : ["Since", <Moment at={session.updatedAt} />],
        ...decisionEntries(session),
        ["Session", <code>{name(session.id)}</code>],
        ...(session.session === undefined
          ? []
          : [["Agreement", <code>{short(session.session)}</code>] as const]),
      ]}
    />
  );
}

/** Who decided here, if people did. */
function decisionEntries({ decided: decisions = [], state, initiatedBy }: Session): Entry[] {
  if (decisions.length === 0)
    return state === "done" && initiatedBy === "partner" ? [["Decided by", "our policy, by itself"]] : [];
  return decisions.map(({ by, at, decision }) => [
    decision === "denied" ? "Denied by" : "Approved by",
    <>
      {actorWords(by)}, <Moment at={at} />
    </>,
  ]);
}

/** What is otherwise than in the last report of this partner. */
function Before({
  session,
  compared,
}: {
  readonly session: Session;
  readonly compared: Compared | undefined;
}) {
  return (
    <Panel
      heading="Differences to the last time"
      aside={
        compared && (
          <a href={link("sessions", compared.last)}>
            the last time: <Moment at={compared.at} />
          </a>
        )
      }
    >
      {compared === undefined ? (
        <Empty>
          No report with {name(session.partner)} has come to its end before this one was proposed.
        </Empty>
      ) : (
        <Differences {...compared} />
      )}
    </Panel>
  );
}

function Differences({ differences, warning }: Compared) {
  return (
    <div class="stack">
      {differences.length === 0 ? (
        <p>
          None: it asks for the same as the last time. What is different in the data shows in the numbers.
        </p>
      ) : (
        <Table
          caption="Differences to the last report of this partner"
          keyOf={({ what }) => what}
          rows={differences}
          columns={[
            { head: "", cell: ({ what }) => what },
            { head: "Last time", cell: ({ before }) => <del>{before}</del> },
            { head: "Now", cell: ({ now }) => <ins>{now}</ins> },
          ]}
        />
      )}
      {warning !== undefined && <p>{warning}</p>}
    </div>
  );
}

/** What is left of the budgets, and what both policies say. */
function Rules(given: { readonly session: Session; readonly changes: PolicyChanges }) {
  const { may } = useHouse();
  return may("showLedger") && may("listPolicies") ? (
    <div class="pair">
      <Left session={given.session} />
      <Policies {...given} />
    </div>
  ) : null;
}

const isOf =
  (session: Session) =>
  ({ partner, dataset }: { readonly partner: string; readonly dataset: string }): boolean =>
    partner === session.partner && dataset === datasetsOf(session).ours;

function Left({ session }: { readonly session: Session }) {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.showLedger(), [session.id, session.state]);
  const budget = loaded.data?.budgets.find(isOf(session));
  return (
    <Panel heading="What is left" aside={budget && budgetTitle(budget)}>
      <Shown loaded={loaded} lines={10}>
        {({ entries }) =>
          budget === undefined ? (
            <Empty>No policy of ours has a budget for this partner and dataset.</Empty>
          ) : (
            <Budgets budget={budget} entries={entries} />
          )
        }
      </Shown>
    </Panel>
  );
}

function Policies({ session, changes }: { readonly session: Session; readonly changes: PolicyChanges }) {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.listPolicies(), [session.id, session.state]);
  return (
    <Panel heading="Both policies">
      <div class="stack">
        <h3>{isUndecided(session) ? "Ours" : "Ours, as it is now"}</h3>
        <Changes session={session} changes={changes} />
        <Shown loaded={loaded} lines={14}>
          {(policies) => <Ours policy={policies.find(isOf(session))} session={session} />}
        </Shown>
        <h3>The partner's</h3>
        <p>
          {session.initiatedBy === "partner"
            ? "It allows what it asks for. Where it is stricter than ours, it holds: the terms above are what both leave of it."
            : "It is asked when the report is proposed, and answers with what it allows."}
        </p>
      </div>
    </Panel>
  );
}

/** Whether the policy that the report fell under is the one below. */
function Changes({ session, changes }: { readonly session: Session; readonly changes: PolicyChanges }) {
  if (isUndecided(session)) return null;
  if (changes.length === 0)
    return (
      <p class="hint">
        It has not been changed here since the report was proposed; what somebody wrote into config.yaml
        itself is not known.
      </p>
    );
  return (
    <div class="notice warn">
      <p>This is not the policy that held when the report was proposed. Since then:</p>
      {changes.map(({ at, by, words }) => (
        <p>
          <Moment at={at} />
          {by === undefined ? "" : `, ${actorWords(by)}`}: {sentence(words)}
        </p>
      ))}
    </div>
  );
}

function Ours({ policy, session }: { readonly policy: Policy | undefined; readonly session: Session }) {
  if (policy !== undefined) return <Sentences items={policyWords(policy)} />;
  return (
    <Empty>
      There is none for {inQuotes(session.partner)} and {inQuotes(datasetsOf(session).ours)}: the defaults
      hold, nothing exact is allowed, and a person decides.
    </Empty>
  );
}
