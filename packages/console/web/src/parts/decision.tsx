// What people do with a session: decide on it where they are asked, and what else is left to do.
import { useState } from "preact/hooks";
import type { Session } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Panel } from "./basics.tsx";
import { TextArea } from "./fields.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { link } from "../router.ts";
import { useAct } from "../use.ts";
import { moment, name, sentence } from "../words/text.ts";

const REASON_LENGTH_MAX = 500;

export function Decision({
  session,
  onDecided,
}: {
  readonly session: Session;
  readonly onDecided: () => void;
}) {
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
      ({ approvals }) => {
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
function Approvals({ session: { approvals } }: { readonly session: Session }) {
  if (approvals === undefined || approvals.needed < 2) return null;
  const { needed, given } = approvals;
  return (
    <div class="notice">
      <p>
        {needed} people have to approve; {given.length} {given.length === 1 ? "has" : "have"} so far.
      </p>
      {given.map(({ by, at }) => (
        <p>
          {name(by)}, <Moment at={at} />
        </p>
      ))}
    </div>
  );
}

/** What else can be done with it. */
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
