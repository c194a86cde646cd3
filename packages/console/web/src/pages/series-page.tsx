// One series: its runs, what is left of its budget, and the trend of its numbers.
import { useState } from "preact/hooks";
import type { SeriesContent } from "../answers.ts";
import { useHouse } from "../house.ts";
import { AskAgain } from "../parts/ask-again.tsx";
import { Button, Facts, Page, Panel, Tag, type Entry } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { ReportView } from "../parts/report-view.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { kindWords } from "../words/reports.ts";
import { counted, epsilon, name, number, sentence, short } from "../words/text.ts";
import { SeriesState } from "./series-list-page.tsx";

const FORMS = [
  { form: "html", words: "Page", type: "text/html" },
  { form: "csv", words: "CSV", type: "text/csv" },
  { form: "json", words: "JSON", type: "application/json" },
] as const;

export function SeriesPage({ id }: { readonly id: string }) {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.showSeries({ id }), [id]);
  const trend = useLoaded(() => client.showTrend({ id, form: "html" }), [id]);
  const act = useAct();
  const [asks, setAsks] = useState(false);
  const series = loaded.data;
  const save = ({ form, type }: (typeof FORMS)[number]) =>
    act.run(
      () => client.showTrend({ id, form }),
      (text) => saveFile(`trend-${id}.${form}`, text, type),
    );
  const end = () =>
    act.run(
      () => client.endSeries({ id }),
      () => {
        setAsks(false);
        announce("The series has ended.");
        loaded.reload();
      },
    );
  return (
    <Page
      title={series === undefined ? "Series" : `${kindWords(series)} with ${name(series.partner)}, in series`}
      lead={series && sentence(`${series.words}.`)}
      actions={
        <>
          {FORMS.map((form) => (
            <Button onClick={() => save(form)} isBusy={act.isBusy}>
              Save trend as {form.words}
            </Button>
          ))}
          {series?.next !== undefined && may("endSeries") && !asks && (
            <Button kind="danger" onClick={() => setAsks(true)}>
              End the series
            </Button>
          )}
        </>
      }
    >
      <Problem error={act.error} />
      {asks && series !== undefined && (
        <AskAgain
          question={`End the series for good? ${counted(series.counts.open, "run")} will not be made, and what is reserved for them is free again.`}
          yes="End it"
          onYes={end}
          onNo={() => setAsks(false)}
        />
      )}
      <Shown loaded={loaded} lines={10}>
        {(shown) => (
          <>
            <Panel heading="How it stands" aside={<SeriesState series={shown} />}>
              <Facts entries={factsOf(shown)} />
            </Panel>
            <Panel heading="Trend">
              <Shown loaded={trend} lines={10}>
                {(html) => <ReportView html={html} />}
              </Shown>
            </Panel>
            <Runs runs={shown.runs} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function factsOf({ counts, budget, release, next, ended, where, initiatedBy }: SeriesContent): Entry[] {
  const spent = (millionths: number) => epsilon(millionths);
  return [
    ["Asked for", initiatedBy === "us" ? "here" : "by the partner"],
    ["Runs", `${number(counts.done)} done, ${number(counts.open)} to come`],
    ["Missed", `${number(counts.missed)}, and ${number(counts.taken)} spent without a report`],
    ...(next === undefined ? [] : [["Next", <Moment at={next.dueAt} />] as const]),
    ...(release.mode === "exact"
      ? []
      : [
          ["Epsilon of all runs", spent(budget.microEpsilon)] as const,
          [
            "Of it",
            `${spent(budget.spent)} spent, ${spent(budget.reserved)} reserved, ${spent(budget.returned)} free again`,
          ] as const,
        ]),
    ...(where === undefined ? [] : [["Our filter", <code>{sentence(where)}</code>] as const]),
    ...(ended === undefined
      ? []
      : [
          [
            "Ended",
            <>
              <Moment at={ended.at} /> {ended.by === "us" ? "here" : "by the partner"}
            </>,
          ] as const,
        ]),
  ];
}

const KIND_OF = { open: "plain", done: "good", taken: "bad", missed: "warn" } as const;

function Runs({ runs }: Pick<SeriesContent, "runs">) {
  return (
    <Panel heading="Runs">
      <Table
        caption="Runs"
        keyOf={({ number: run }) => run}
        rows={runs}
        columns={[
          { head: "Run", cell: ({ number: run }) => number(run) },
          { head: "Due", cell: ({ dueAt }) => <Moment at={dueAt} /> },
          { head: "State", cell: ({ state }) => <Tag kind={KIND_OF[state]}>{state}</Tag> },
          {
            head: "Report",
            cell: ({ state, session }) =>
              state === "done" &&
              session !== undefined && <a href={link("reports", session)}>{short(session)}</a>,
          },
          { head: "More", isMore: true, cell: ({ state, words }) => state !== "done" && sentence(words) },
        ]}
      />
    </Panel>
  );
}
