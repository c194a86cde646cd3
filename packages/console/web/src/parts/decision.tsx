// The decision on a session where people here are asked: approve it, or deny it with a reason; then what came of it, in the same place.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Approvals } from "./approvals.tsx";
import { Button, Empty, Panel } from "./basics.tsx";
import { Form, TextArea } from "./fields.tsx";
import { Problem } from "./problem.tsx";
import { useAct, type Act } from "../use.ts";
import { hour, inQuotes, moment, name } from "../words/text.ts";

const REASON_LENGTH_MAX = 500;
const PLACE = "decision";

interface Given {
  readonly session: Session;
  /** What came of it, once it is decided. */
  readonly outcome: string | undefined;
  readonly onDecided: (outcome: string) => void;
}

export function Decision({ session, outcome, onDecided }: Given) {
  const { may } = useHouse();
  return (
    <div id={PLACE}>
      <Panel heading="The decision">
        {outcome !== undefined ? (
          <Outcome words={outcome} />
        ) : may("approveSession") ? (
          <Choice session={session} onDecided={onDecided} />
        ) : (
          <Empty>An approver or an administrator decides.</Empty>
        )}
      </Panel>
    </div>
  );
}

/** From the top of a long page to the decision. */
export function ToDecision() {
  return (
    <Button
      onClick={() => {
        const place = document.getElementById(PLACE);
        place?.scrollIntoView();
        place?.querySelector("button")?.focus({ preventScroll: true });
      }}
    >
      Go to the decision
    </Button>
  );
}

/** Where the buttons were, and where the reader is: it takes the focus that they had. */
function Outcome({ words }: { readonly words: string }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <p class="notice outcome" ref={place} tabIndex={-1}>
      {words}
    </p>
  );
}

function Choice({ session, onDecided }: Omit<Given, "outcome">) {
  const { client, announce } = useHouse();
  const [isDenying, setIsDenying] = useState(false);
  const act = useAct();
  const { id, partner, expiresAt } = session;
  const isOurs = session.initiatedBy === "us";
  const barred = session.approvals?.barred;
  const decided = (words: string) => {
    announce(words);
    onDecided(words);
  };
  const approve = () =>
    act.run(
      () => client.approveSession({ id }, { idempotencyKey: freshKey() }),
      ({ approvals }) => {
        const isNoted = approvals !== undefined && approvals.given.length < approvals.needed;
        const then = isNoted
          ? "another person has to approve it too"
          : isOurs
            ? `it is proposed to ${name(partner)}, which has yet to decide`
            : `${name(partner)} may run it now`;
        decided(`You approved this at ${hour(Date.now())}; ${then}.`);
      },
    );
  const deny = (reason: string) =>
    act.run(
      () => client.denySession({ id, reason }, { idempotencyKey: freshKey() }),
      () => decided(`You denied it at ${hour(Date.now())}: ${inQuotes(reason)}.`),
    );
  return (
    <div class="stack">
      <p>
        {isOurs
          ? `Approving lets it be proposed to ${name(partner)}, which has yet to decide.`
          : `Approving lets ${name(partner)} run this report once, on these terms, until ${moment(expiresAt)}.`}
      </p>
      <p>
        {`If nobody decides by then, ${moment(expiresAt)}, it lapses: nothing is run, nothing is spent, and ${isOurs ? "it has to be asked for anew" : `${name(partner)} is told that nobody answered in time, and may ask again`}.`}
      </p>
      <Approvals approvals={session.approvals} />
      <Problem error={act.error} />
      {isDenying ? (
        <Denial session={session} act={act} onDeny={deny} onBack={() => setIsDenying(false)} />
      ) : (
        <div class="actions decide">
          {barred === undefined && (
            <Button kind="main" onClick={approve} isBusy={act.isBusy}>
              Approve
            </Button>
          )}
          <Button kind="danger" onClick={() => setIsDenying(true)} isBusy={act.isBusy}>
            Deny
          </Button>
        </div>
      )}
    </div>
  );
}

/** A denial has a reason, which is asked for once somebody denies. */
function Denial({
  session: { initiatedBy, partner },
  act,
  onDeny,
  onBack,
}: {
  readonly session: Session;
  readonly act: Act;
  readonly onDeny: (reason: string) => void;
  readonly onBack: () => void;
}) {
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState<string | undefined>(undefined);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const submit = () => {
    if (reason.trim() === "") return setFault("Write a reason before you deny it.");
    onDeny(reason.trim());
  };
  return (
    <div ref={form}>
      <Form class="stack" onSubmit={submit}>
        <TextArea
          label="Reason"
          hint={
            initiatedBy === "us"
              ? "It stays in our own records."
              : `${name(partner)} is told this text when it asks again.`
          }
          fault={fault}
          value={reason}
          onValue={(text) => {
            setReason(text);
            setFault(undefined);
          }}
          maxLength={REASON_LENGTH_MAX}
        />
        <div class="actions decide">
          <Button kind="danger" type="submit" isBusy={act.isBusy}>
            Deny it
          </Button>
          <Button onClick={onBack} isBusy={act.isBusy}>
            Back
          </Button>
        </div>
      </Form>
    </div>
  );
}
