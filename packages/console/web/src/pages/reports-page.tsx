// The stored reports; two of them can be compared.
import { useState } from "preact/hooks";
import type { ReportRecord, Session } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Page, Panel } from "../parts/basics.tsx";
import { Moment } from "../parts/moment.tsx";
import { NewReportLink } from "../parts/new-report-link.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { ReportSinks } from "../parts/report-sinks.tsx";
import { Table } from "../parts/table.tsx";
import { goTo, link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { kindWords } from "../words/reports.ts";
import { askedForWords, releaseWords } from "../words/sessions.ts";
import { inQuotes, moment, name, short } from "../words/text.ts";

const AT_ONCE = 100;

export function ReportsPage() {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.listReports({ limit: AT_ONCE }), []);
  // What each was about stands with its session.
  const sessions = useLoaded(() => client.listSessions({ limit: AT_ONCE }), []);
  const sessionOf = (hash: string) => sessions.data?.find(({ session }) => session === hash);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [older, setOlder] = useState<readonly ReportRecord[]>([]);
  const sending = useAct();
  const send = (session: string) => (sink: string) =>
    sending.run(
      () => client.sendReport({ id: session, sink }, { idempotencyKey: freshKey() }),
      () => {
        announce(`The report was written to ${inQuotes(sink)}.`);
        setOlder([]);
        loaded.reload();
      },
    );
  const choose = (session: string, isOn: boolean) =>
    setChosen(isOn ? [...chosen, session].slice(-2) : chosen.filter((each) => each !== session));
  const compare = () => {
    const [later, earlier] = chosen;
    if (later !== undefined && earlier !== undefined) goTo("compare", later, earlier);
  };
  return (
    <Page
      title="Reports"
      lead="What was opened in the sessions of the last 30 days; of a series, as long as it lives and 30 days more."
      actions={<NewReportLink />}
    >
      <Panel
        heading="Stored reports"
        aside={
          chosen.length === 2 ? (
            <Button onClick={compare}>Compare these two</Button>
          ) : (
            <span>Choose two to compare them.</span>
          )
        }
      >
        <Shown loaded={loaded} lines={8}>
          {(newest) => {
            const all = [...newest, ...older];
            if (all.length === 0)
              return (
                <Empty>
                  There are no reports yet. One comes here when a session has ended that gives this node a
                  result.
                </Empty>
              );
            const hasSinks = all.some(({ sent = [] }) => sent.length > 0);
            return (
              <>
                <Problem error={sending.error} />
                <Table
                  caption="Stored reports"
                  keyOf={({ session }) => session}
                  rows={all}
                  columns={[
                    {
                      head: "Report",
                      cell: ({ session, kind, newPeople, partner }) => (
                        <>
                          <a href={link("reports", session)}>
                            {kind === undefined ? "Report" : kindWords({ report: kind, newPeople })}
                          </a>
                          <p class="hint">with {name(partner)}</p>
                          <AskedFor session={sessionOf(session)} />
                        </>
                      ),
                    },
                    {
                      head: "Our dataset",
                      isMore: true,
                      cell: ({ datasets }) => datasets && name(datasets.ours),
                    },
                    {
                      head: "Theirs",
                      isMore: true,
                      cell: ({ datasets }) => datasets && name(datasets.theirs),
                    },
                    {
                      head: "Session",
                      isMore: true,
                      cell: ({ session }) => (
                        <code class="id">{name(sessionOf(session)?.id ?? short(session))}</code>
                      ),
                    },
                    {
                      head: "Made",
                      cell: ({ createdAt }) => <Moment at={createdAt} />,
                    },
                    ...(hasSinks
                      ? [
                          {
                            head: "Sent to",
                            cell: ({ session, sent = [] }: ReportRecord) => (
                              <ReportSinks
                                sent={sent}
                                send={may("sendReport") ? send(session) : undefined}
                                isBusy={sending.isBusy}
                              />
                            ),
                          },
                        ]
                      : []),
                    {
                      head: "Compare",
                      cell: ({ session, createdAt }) => (
                        <input
                          type="checkbox"
                          aria-label={`Compare the report of ${moment(createdAt)}`}
                          checked={chosen.includes(session)}
                          onChange={({ currentTarget }) => choose(session, currentTarget.checked)}
                        />
                      ),
                    },
                  ]}
                />
                {newest.length + older.length >= AT_ONCE &&
                  (newest.length + older.length) % AT_ONCE === 0 && (
                    <Button
                      onClick={() => {
                        const before = all.at(-1)!.session;
                        void client
                          .listReports({ limit: AT_ONCE, before })
                          .then((more) => setOlder([...older, ...more]), loaded.reload);
                      }}
                    >
                      Older ones
                    </Button>
                  )}
              </>
            );
          }}
        </Shown>
      </Panel>
    </Page>
  );
}

/** What tells reports of one kind apart. */
function AskedFor({ session }: { readonly session: Session | undefined }) {
  if (session === undefined) return null;
  return (
    <p class="hint any">
      {askedForWords(session)}; {releaseWords(session)}
    </p>
  );
}
