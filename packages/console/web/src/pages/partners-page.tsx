// Partners: who they are, what they have spent, and how one is met.
import { useState } from "preact/hooks";
import type { Ledger, Partner } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Budgets, budgetTitle } from "../parts/budgets.tsx";
import { Button, Empty, type Entry, Facts, Page, Panel } from "../parts/basics.tsx";
import { Form, TextField } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { RemoveForm } from "../parts/remove-form.tsx";
import { link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { counted, grouped, megabits, name } from "../words/text.ts";

export function PartnersPage() {
  const { client, may } = useHouse();
  const loaded = useLoaded(async () => {
    const [partners, version, ledger] = await Promise.all([
      client.listPartners(),
      client.showVersion(),
      may("showLedger") ? client.showLedger() : undefined,
    ]);
    return { partners, version, ledger };
  }, []);
  return (
    <Page title="Partners" lead="Other nodes that this one knows by their fingerprints.">
      <Shown loaded={loaded} lines={10}>
        {({ partners, version, ledger }) => (
          <>
            <Panel heading="This node">
              <Facts
                entries={[
                  [
                    "Our fingerprint, as partners see it",
                    <code class="fingerprint">{grouped(version.fingerprint)}</code>,
                  ],
                ]}
              />
            </Panel>
            {partners.length === 0 && (
              <Panel heading="No partner yet">
                <Empty>
                  One side invites and sends the token to the other by a channel that both trust; the other
                  joins with it.
                </Empty>
              </Panel>
            )}
            {partners.map((partner) => (
              <PartnerPanel partner={partner} ledger={ledger} onChange={loaded.reload} />
            ))}
            {may("invitePartner") && (
              <div class="pair">
                <Invite />
                <Join onJoined={loaded.reload} />
              </div>
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}

function PartnerPanel({
  partner,
  ledger,
  onChange,
}: {
  readonly partner: Partner;
  readonly ledger: Ledger | undefined;
  readonly onChange: () => void;
}) {
  const { may } = useHouse();
  const { address, fingerprint, pinnedAt, history, held, followed, line } = partner;
  const budgets = (ledger?.budgets ?? []).filter((budget) => budget.partner === partner.name);
  return (
    <Panel heading={name(partner.name)} aside={counted(history.sessions, "session")}>
      <div class="stack">
        <Facts
          entries={[
            ["Fingerprint", <code class="fingerprint">{grouped(fingerprint)}</code>],
            ["Address", address === "" ? "none: it dials us" : name(address)],
            ["Known since", <Moment at={pinnedAt} />],
            ["First session", history.firstAt === undefined ? "none yet" : <Moment at={history.firstAt} />],
            [
              "Line",
              line === undefined ? (
                "not measured by a session yet"
              ) : (
                <>
                  {megabits(line.bytesPerSecond)}, measured <Moment at={line.measuredAt} />
                </>
              ),
            ],
            ...followed.map(({ what, from, at }): Entry => [
              `The ${what} before`,
              <>
                <code class="fingerprint">{grouped(from)}</code> until <Moment at={at} />
              </>,
            ]),
          ]}
        />
        {held.map((identity) => (
          <Held partner={partner} identity={identity} onChange={onChange} />
        ))}
        {ledger !== undefined && budgets.length === 0 && (
          <Empty>
            No policy: what it proposes waits for a person, and nothing exact is allowed.{" "}
            {may("addPolicies") && <a href={link("policies", "new")}>Write a policy</a>}
          </Empty>
        )}
        <div class="cards">
          {budgets.map((budget) => (
            <div>
              <h3>{budgetTitle(budget)}</h3>
              <Budgets budget={budget} entries={ledger!.entries} />
            </div>
          ))}
        </div>
        {may("movePartner") && <Change partner={partner} onChange={onChange} />}
      </div>
    </Panel>
  );
}

/** An identity that the partner has named: nothing but a voice that is known tells who named it. */
function Held({
  partner,
  identity: { fingerprint, seenAt },
  onChange,
}: {
  readonly partner: Partner;
  readonly identity: Partner["held"][number];
  readonly onChange: () => void;
}) {
  const { client, announce, may } = useHouse();
  const act = useAct();
  const confirm = () =>
    act.run(
      () => client.confirmPartner({ name: partner.name, fingerprint }),
      () => {
        announce("The identity is confirmed.");
        onChange();
      },
    );
  return (
    <div class="stack">
      <h3>It names a new identity</h3>
      <p>
        Seen first <Moment at={seenAt} />. Ask its people for the fingerprint, by telephone for example. If
        they name another one, somebody else may hold its old key: remove the partner, and meet anew.
      </p>
      <code class="fingerprint">{grouped(fingerprint)}</code>
      <Problem error={act.error} />
      {may("confirmPartner") && (
        <Button isBusy={act.isBusy} onClick={confirm}>
          Its people named this fingerprint
        </Button>
      )}
    </div>
  );
}

function Change({ partner, onChange }: { readonly partner: Partner; readonly onChange: () => void }) {
  const { client, announce } = useHouse();
  const [address, setAddress] = useState(partner.address);
  const act = useAct();
  const done = (words: string) => () => {
    announce(words);
    onChange();
  };
  return (
    <details>
      <summary>
        Move or remove<span class="sr"> {name(partner.name)}</span>
      </summary>
      <div class="stack">
        <Problem error={act.error} />
        <Form
          class="row"
          onSubmit={() =>
            act.run(
              () => client.movePartner({ name: partner.name, address }),
              done("The address is changed."),
            )
          }
        >
          <TextField
            label="Its address"
            value={address}
            onValue={setAddress}
            placeholder="host:port"
            required
          />
          <Button type="submit" isBusy={act.isBusy}>
            Move
          </Button>
        </Form>
        <RemoveForm
          name={partner.name}
          label="Its name, to remove it"
          hint="What it has spent stays counted by its key."
          isBusy={act.isBusy}
          onRemove={() =>
            act.run(() => client.removePartner({ name: partner.name }), done("The partner is removed."))
          }
        />
      </div>
    </details>
  );
}

function Invite() {
  const { client, announce } = useHouse();
  const [who, setWho] = useState("");
  const [hours, setHours] = useState("24");
  const [address, setAddress] = useState("");
  const [made, setMade] = useState<{ token: string; expiresAt: number } | undefined>(undefined);
  const act = useAct();
  const invite = () => {
    const at = address.trim() === "" ? {} : { address: address.trim() };
    act.run(
      () => client.invitePartner({ name: who, hours: Number(hours), ...at }, { idempotencyKey: freshKey() }),
      (invitation) => {
        setMade(invitation);
        announce("The invitation is made.");
      },
    );
  };
  return (
    <Panel heading="Invite a partner">
      <Form class="stack" onSubmit={invite}>
        <TextField label="Our name for it" value={who} onValue={setWho} required maxLength={63} />
        <div class="row">
          <TextField label="Holds for hours" inputMode="numeric" value={hours} onValue={setHours} required />
          <TextField
            label="Our address, as it reaches us"
            placeholder="host:port"
            value={address}
            onValue={setAddress}
          />
        </div>
        <Problem error={act.error} />
        {made !== undefined && (
          <div class="notice">
            <p>
              Send this token by a channel that both trust. It holds once, until{" "}
              <Moment at={made.expiresAt} />, and while this node serves.
            </p>
            <code class="secret" tabIndex={0}>
              {made.token}
            </code>
          </div>
        )}
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Make an invitation
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

function Join({ onJoined }: { readonly onJoined: () => void }) {
  const { client, announce } = useHouse();
  const [token, setToken] = useState("");
  const [who, setWho] = useState("");
  const act = useAct();
  const join = () =>
    act.run(
      () => client.joinPartner({ token: token.trim(), name: who }, { idempotencyKey: freshKey() }),
      () => {
        announce("The partner is known now.");
        setToken("");
        setWho("");
        onJoined();
      },
    );
  return (
    <Panel heading="Join a partner">
      <Form class="stack" onSubmit={join}>
        <TextField
          label="Token of its invitation"
          value={token}
          onValue={setToken}
          required
          maxLength={1024}
        />
        <TextField
          label="Our name for the inviting side"
          value={who}
          onValue={setWho}
          required
          maxLength={63}
        />
        <Problem error={act.error} />
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Join
          </Button>
        </div>
      </Form>
    </Panel>
  );
}
