// What waits for a person, proposals and templates: here, and at partners; and what has happened lately.
import type { Session } from "../answers.ts";
import { useHeld } from "../held.tsx";
import { useHouse } from "../house.ts";
import { Empty, Page, Panel } from "../parts/basics.tsx";
import { EndsSoon } from "../parts/ends-soon.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { SessionState } from "../parts/session-state.tsx";
import { Table, type Column } from "../parts/table.tsx";
import { WaitingTemplates } from "../parts/waiting-templates.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { kindWords } from "../words/reports.ts";
import { actorWords, approvedWords, datasetsOf, askedForWords, releaseWords } from "../words/sessions.ts";
import { name, number, span } from "../words/text.ts";
import { countOf, waitsOf, type Held } from "../words/waiting.ts";

const LATELY = 20;

export function WaitingPage() {
  const { client, may } = useHouse();
  const held = useHeld();
  const waits = held.data && waitsOf(held.data, may);
  const waiting = (held.data?.sessions ?? []).map(({ id }) => id).join();
  const lately = useLoaded(() => client.listSessions({ limit: LATELY }), [waiting]);
  return (
    <Page
      title="What waits"
      lead="Proposals and templates that a person has to decide on, and the newest sessions."
    >
      <Panel heading="For you to decide">
        <Shown loaded={held} lines={3}>
          {(all) => <ForYou held={waitsOf(all, may).forYou} />}
        </Shown>
      </Panel>
      {waits !== undefined && countOf(waits.forOthers) > 0 && (
        <Panel heading="Waits for another person">
          <ForOthers held={waits.forOthers} />
        </Panel>
      )}
      {waits !== undefined && waits.elsewhere.length > 0 && (
        <Panel heading="For partners to decide">
          <Table
            caption="Proposals for partners to decide"
            keyOf={({ id }) => id}
            rows={waits.elsewhere}
            columns={[linked("See"), ...ABOUT, SINCE]}
          />
        </Panel>
      )}
      <EndsSoon />
      <Panel heading="The newest sessions">
        <Shown loaded={lately} lines={6}>
          {(sessions) =>
            sessions.length === 0 ? (
              <Empty>There have been no sessions yet.</Empty>
            ) : (
              <Table
                caption="The newest sessions"
                keyOf={({ id }) => id}
                rows={sessions}
                columns={[
                  linked("See"),
                  { head: "State", cell: (session) => <SessionState session={session} /> },
                  ...ABOUT,
                  SINCE,
                ]}
              />
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}

function ForYou({ held: { sessions, templates } }: { readonly held: Held }) {
  if (sessions.length + templates.length === 0)
    return (
      <Empty>
        Nothing waits. A partner's proposal comes here where a policy asks a person, or where there is no
        policy; a template of ours where a policy asks two people.
      </Empty>
    );
  return (
    <div class="stack">
      {sessions.length > 0 && (
        <Table
          caption="Proposals for you to decide"
          keyOf={({ id }) => id}
          rows={sessions}
          columns={[
            linked("Decide on"),
            ...(sessions.some((session) => approvedWords(session) !== undefined) ? [APPROVED] : []),
            ...ABOUT,
            WITHIN,
          ]}
        />
      )}
      <WaitingTemplates caption="Templates for you to decide" verb="Decide on" templates={templates} />
    </div>
  );
}

function ForOthers({ held: { sessions, templates } }: { readonly held: Held }) {
  return (
    <div class="stack">
      {sessions.length > 0 && (
        <Table
          caption="Proposals that another person has to approve"
          keyOf={({ id }) => id}
          rows={sessions}
          columns={[linked("See"), APPROVED, ...ABOUT, WITHIN]}
        />
      )}
      <WaitingTemplates
        caption="Templates that another person has to approve"
        verb="See"
        templates={templates}
      />
    </div>
  );
}

function linked(verb: string): Column<Session> {
  return {
    head: "Report",
    cell: (session) => {
      const { id, partner, initiatedBy } = session;
      const kind = kindWords(session);
      return (
        <>
          <a href={link("sessions", id)} aria-label={`${verb}: ${kind} with ${name(partner)}, ${id}`}>
            {kind}
          </a>
          <p class="hint">
            {initiatedBy === "us" ? "asked of" : "asked by"} {name(partner)}, <code>{name(id)}</code>
          </p>
          <p class="hint any">{askedForWords(session)}</p>
        </>
      );
    },
  };
}

const ABOUT: readonly Column<Session>[] = [
  { head: "Our dataset", isMore: true, cell: (session) => name(datasetsOf(session).ours) },
  { head: "Theirs", isMore: true, cell: (session) => name(datasetsOf(session).theirs) },
  { head: "Noise", isMore: true, cell: releaseWords },
  { head: "Threshold", isNumber: true, isMore: true, cell: ({ threshold }) => number(threshold) },
];
/** Of two who have to approve it: how many have, and who. */
const APPROVED: Column<Session> = {
  head: "Approved",
  cell: (session) => (
    <>
      <span class="nowrap">{approvedWords(session)}</span>
      {session.approvals?.given.map(({ by }) => (
        <p class="hint">by {actorWords(by)}</p>
      ))}
    </>
  ),
};
const WITHIN: Column<Session> = {
  head: "Decide within",
  cell: ({ expiresAt }) => (
    <>
      <span class="nowrap">{span(expiresAt - Date.now())}</span>
      <p class="hint">then it lapses</p>
    </>
  ),
};
const SINCE: Column<Session> = {
  head: "Since",
  cell: ({ updatedAt }) => <Moment at={updatedAt} />,
};
