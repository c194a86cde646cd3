// Reports that repeat: what ran, what is next, what is left of their budgets.
import type { Series } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Empty, Page, Panel, Tag } from "../parts/basics.tsx";
import { Moment } from "../parts/moment.tsx";
import { NewReportLink } from "../parts/new-report-link.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { kindWords } from "../words/reports.ts";
import { epsilon, name, number, sentence } from "../words/text.ts";

const KIND_OF = { running: "accent", done: "good", ended: "plain" } as const;

export function SeriesState({ series: { state } }: { readonly series: Pick<Series, "state"> }) {
  return <Tag kind={KIND_OF[state]}>{state}</Tag>;
}

export function SeriesListPage() {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.listSeries(), []);
  return (
    <Page
      title="Series"
      lead="Reports that repeat: agreed on once, and run by the node that asked for them."
      actions={<NewReportLink />}
    >
      <Panel heading="Series">
        <Shown loaded={loaded} lines={6}>
          {(all) =>
            all.length === 0 ? (
              <Empty>
                There are no series yet. A request with <code>series</code> asks for one.
              </Empty>
            ) : (
              <Table
                caption="Series"
                keyOf={({ id }) => id}
                rows={all}
                columns={[
                  {
                    head: "Series",
                    cell: (series) => (
                      <>
                        <a href={link("series", series.id)}>{kindWords(series)}</a>
                        <p class="hint">with {name(series.partner)}</p>
                        <p class="hint any">{sentence(series.words)}</p>
                      </>
                    ),
                  },
                  { head: "State", cell: (series) => <SeriesState series={series} /> },
                  {
                    head: "Done",
                    isNumber: true,
                    cell: ({ counts, schedule }) => `${number(counts.done)} of ${number(schedule.runs)}`,
                  },
                  {
                    head: "Missed",
                    isNumber: true,
                    isMore: true,
                    cell: ({ counts }) => number(counts.missed + counts.taken),
                  },
                  { head: "Next", cell: ({ next }) => next && <Moment at={next.dueAt} /> },
                  { head: "Epsilon left", isNumber: true, cell: (series) => leftOf(series) },
                ]}
              />
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}

function leftOf({ release, budget }: Series): string {
  if (release.mode === "exact") return "exact";
  return `${epsilon(budget.reserved)} of ${epsilon(budget.microEpsilon)}`;
}
