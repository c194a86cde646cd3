// Runs of reports, as jobs.
import type { Job } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Empty, Page, Panel, Tag } from "../parts/basics.tsx";
import { Moment } from "../parts/moment.tsx";
import { NewReportLink } from "../parts/new-report-link.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { name, short } from "../words/text.ts";

const KIND_OF = { running: "accent", done: "good", failed: "bad", cancelled: "plain" } as const;

export function JobState({ job: { state } }: { readonly job: Pick<Job, "state"> }) {
  return <Tag kind={KIND_OF[state]}>{state}</Tag>;
}

export function RunsPage() {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const jobs = await client.listJobs({ limit: 100 });
    return jobs.filter(({ kind }) => kind === "run");
  }, []);
  return (
    <Page
      title="Runs"
      lead="Reports that were run here in the last 30 days, over HTTP or from this page."
      actions={<NewReportLink />}
    >
      <Panel heading="Runs">
        <Shown loaded={loaded} lines={8}>
          {(jobs) =>
            jobs.length === 0 ? (
              <Empty>Nothing was run from here yet.</Empty>
            ) : (
              <Table
                caption="Runs"
                keyOf={({ id }) => id}
                rows={jobs}
                columns={[
                  {
                    head: "Begun",
                    cell: ({ id, createdAt }) => (
                      <a href={link("runs", id)}>
                        <Moment at={createdAt} />
                      </a>
                    ),
                  },
                  { head: "State", cell: (job) => <JobState job={job} /> },
                  { head: "By", isMore: true, cell: ({ caller }) => name(caller) },
                  {
                    head: "Session",
                    isMore: true,
                    cell: ({ session }) => session && <code class="id">{short(session)}</code>,
                  },
                  {
                    head: "Report",
                    cell: ({ result }) =>
                      result?.hasResult === true && (
                        <a href={link("reports", result.session)}>with {name(result.partner)}</a>
                      ),
                  },
                ]}
              />
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}
