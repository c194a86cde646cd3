// A session: what it would reveal, or has revealed, to whom, what it costs, what is left, and, of one that waits here, the decision.
import { useState } from "preact/hooks";
import type { Session } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Budgets, budgetTitle } from "../parts/budgets.tsx";
import { Button, Empty, Facts, Page, Panel, Sentences } from "../parts/basics.tsx";
import { TextArea } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { SessionState } from "../parts/session-state.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { policyWords } from "../words/policies.ts";
import { KIND_NOTES, KINDS } from "../words/reports.ts";
import {
  approvalsOf,
  datasetsOf,
  differences,
  groupingWords,
  isForUs,
  lastBefore,
  measuresWords,
  releaseWords,
  resultWords,
} from "../words/sessions.ts";
import { inQuotes, moment, name, number, sentence, short } from "../words/text.ts";

export function SessionPage({ id }: { readonly id: string }) {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.showSession({ id }), [id]);
  const session = loaded.data?.session;
  const title =
    session === undefined
      ? "Session"
      : `${KINDS[session.report]}, ${session.initiatedBy === "us" ? "asked of" : "asked by"} ${name(session.partner)}`;
  return (
    <Page title={title} lead={session && KIND_NOTES[session.report]}>
      <Shown loaded={loaded} lines={12}>
        {({ session: shown, disclosure: { report, weLearn, partnerLearns } }) => {
          const would = ["done", "running"].includes(shown.state) ? "" : "would ";
          return (
            <>
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
              <Before session={shown} />
              <Rules session={shown} />
              {isForUs(shown) && <Decision session={shown} onDecided={loaded.reload} />}
              <More session={shown} onDone={loaded.reload} />
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

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
        isWaiting ? ["Waits until", moment(session.expiresAt)] : ["Since", moment(session.updatedAt)],
        ["Session", <code>{short(session.session ?? session.id)}</code>],
      ]}
    />
  );
}

/** What is otherwise than in the last report of this partner. */
function Before({ session }: { readonly session: Session }) {
  const { client } = useHouse();
  const { data } = useLoaded(() => client.listSessions({ limit: 200 }), [session.id]);
  if (data === undefined) return null;
  const last = lastBefore(session, data);
  if (last === undefined)
    return (
      <Panel heading="Differences to the last time">
        <Empty>This is the first report with {name(session.partner)} that would come to its end.</Empty>
      </Panel>
    );
  const found = differences(last, session);
  return (
    <Panel
      heading="Differences to the last time"
      aside={<a href={link("sessions", last.id)}>{`the last time: ${moment(last.updatedAt)}`}</a>}
    >
      {found.length === 0 ? (
        <Empty>
          None: it asks for the same as the last time. Two reports of the same, over data that has changed,
          show what has changed.
        </Empty>
      ) : (
        <Table
          caption="Differences to the last report of this partner"
          keyOf={({ what }) => what}
          rows={found}
          columns={[
            { head: "", cell: ({ what }) => what },
            { head: "Last time", cell: ({ before }) => <del>{before}</del> },
            { head: "Now", cell: ({ now }) => <ins>{now}</ins> },
          ]}
        />
      )}
    </Panel>
  );
}

/** What is left of the budgets, and what both policies say. */
function Rules({ session }: { readonly session: Session }) {
  const { client, may } = useHouse();
  const { partner } = session;
  const { ours } = datasetsOf(session);
  const isInformed = may("showLedger") && may("listPolicies");
  const loaded = useLoaded(
    async () =>
      isInformed ? { ledger: await client.showLedger(), policies: await client.listPolicies() } : undefined,
    [session.id, session.state],
  );
  if (loaded.data === undefined) return <Problem error={loaded.error} />;
  const { ledger, policies } = loaded.data;
  const budget = ledger.budgets.find((each) => each.partner === partner && each.dataset === ours);
  const policy = policies.find((each) => each.partner === partner && each.dataset === ours);
  return (
    <div class="pair">
      <Panel heading="What is left" aside={budget && budgetTitle(budget)}>
        {budget === undefined ? (
          <Empty>No policy of ours has a budget for this partner and dataset.</Empty>
        ) : (
          <Budgets budget={budget} entries={ledger.entries} />
        )}
      </Panel>
      <Panel heading="Both policies">
        <div class="stack">
          <h3>Ours</h3>
          {policy === undefined ? (
            <Empty>
              There is none for {inQuotes(partner)} and {inQuotes(ours)}: the defaults hold, nothing exact is
              allowed, and a person decides.
            </Empty>
          ) : (
            <Sentences items={policyWords(policy)} />
          )}
          <h3>The partner's</h3>
          <p>
            {session.initiatedBy === "partner"
              ? "It allows what it asks for. Where it is stricter than ours, it holds: the terms above are what both leave of it."
              : "It is asked when the report is proposed, and answers with what it allows."}
          </p>
        </div>
      </Panel>
    </div>
  );
}

const REASON_LENGTH_MAX = 500;

function Decision({ session, onDecided }: { readonly session: Session; readonly onDecided: () => void }) {
  const { client, may, announce } = useHouse();
  const [reason, setReason] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const act = useAct();
  if (!may("approveSession"))
    return (
      <Panel heading="The decision">
        <Empty>An approver or an administrator decides.</Empty>
      </Panel>
    );
  const { id, partner } = session;
  const isOurs = session.initiatedBy === "us";
  const decided = (words: string) => () => {
    announce(words);
    onDecided();
  };
  const approve = () =>
    act.run(
      () => client.approveSession({ id }, { idempotencyKey: freshKey() }),
      (answered) => {
        const approvals = approvalsOf(answered);
        const isNoted = approvals !== undefined && approvals.given.length < approvals.needed;
        decided(isNoted ? "Noted; another person has to approve it too." : "The proposal is approved.")();
      },
    );
  const deny = () => {
    setIsMissing(reason.trim() === "");
    if (reason.trim() === "") return;
    act.run(
      () => client.denySession({ id, reason: reason.trim() }, { idempotencyKey: freshKey() }),
      decided("The proposal is denied."),
    );
  };
  return (
    <Panel heading="The decision">
      <div class="stack">
        <p>
          {isOurs
            ? `Approving lets it be proposed to ${name(partner)}, which has yet to decide.`
            : `Approving lets ${name(partner)} run this report once, on these terms, until ${moment(session.expiresAt)}.`}
        </p>
        <Approvals session={session} />
        <TextArea
          label="Reason, if you deny it"
          hint={
            isOurs ? "It stays in our own records." : `${name(partner)} is told this text when it asks again.`
          }
          value={reason}
          onValue={setReason}
          maxLength={REASON_LENGTH_MAX}
        />
        {isMissing && (
          <p class="problem" role="alert">
            Write a reason before you deny it.
          </p>
        )}
        <Problem error={act.error} />
        <div class="actions">
          <Button kind="main" onClick={approve} isBusy={act.isBusy}>
            Approve
          </Button>
          <Button kind="danger" onClick={deny} isBusy={act.isBusy}>
            Deny
          </Button>
        </div>
      </div>
    </Panel>
  );
}

/** Of a policy that asks more than one person: who has approved so far. */
function Approvals({ session }: { readonly session: Session }) {
  const approvals = approvalsOf(session);
  if (approvals === undefined || approvals.needed < 2) return null;
  const { needed, given } = approvals;
  return (
    <div class="notice">
      <p>
        {needed} people have to approve; {given.length} {given.length === 1 ? "has" : "have"} so far.
      </p>
      {given.map(({ by, at }) => (
        <p>
          {name(by)}, {moment(at)}
        </p>
      ))}
    </div>
  );
}

/** What else can be done with it. */
function More({ session, onDone }: { readonly session: Session; readonly onDone: () => void }) {
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
