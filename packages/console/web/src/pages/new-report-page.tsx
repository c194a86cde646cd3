// A new report: a form whose request is looked at ahead as it is written, kept as a file, or run.
import { useMemo, useState } from "preact/hooks";
import type { Dataset, Session, Template } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Page, Panel } from "../parts/basics.tsx";
import { Check, Form, Select, Several, TextArea, TextField } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { KindFields } from "../parts/kind-fields.tsx";
import { MeasureFields } from "../parts/measure-fields.tsx";
import { PreviewPanel } from "../parts/preview.tsx";
import { Problem } from "../parts/problem.tsx";
import { SeriesFields } from "../parts/series-fields.tsx";
import { goTo, link } from "../router.ts";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { KIND_NOTES, KINDS, type Kind } from "../words/reports.ts";
import {
  EMPTY_DRAFT,
  HAS_MEASURES,
  mayCountNewPeople,
  yamlOf,
  type Draft,
  type SideDraft,
} from "../words/request.ts";
import { datasetsOf } from "../words/sessions.ts";
import { name } from "../words/text.ts";

export function NewReportPage() {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const [partners, datasets, sessions, templates] = await Promise.all([
      client.listPartners(),
      client.listDatasets(),
      client.listSessions({ limit: 200 }),
      client.listTemplates(),
    ]);
    const names = partners.map((partner) => partner.name);
    return { partners: names, datasets, sessions, hasTemplates: templates.some(isToRun) };
  }, []);
  return (
    <Page title="New report" lead="Nothing is proposed and no data moves before you run it.">
      <Shown loaded={loaded} lines={14}>
        {({ partners, datasets, sessions, hasTemplates }) =>
          partners.length === 0 || datasets.length === 0 ? (
            <Panel heading="Not yet">
              <Empty>
                A report needs a partner and a dataset of ours. <a href={link("partners")}>Partners</a>,{" "}
                <a href={link("datasets")}>datasets</a>
              </Empty>
            </Panel>
          ) : (
            <>
              {hasTemplates && (
                <p class="notice">
                  A partner's template may do without asking anybody:{" "}
                  <a href={link("templates")}>Templates</a>
                </p>
              )}
              <RequestForm partners={partners} datasets={datasets} sessions={sessions} />
            </>
          )
        }
      </Shown>
    </Page>
  );
}

/** A partner's, which has not ended. */
function isToRun({ owner, state, expiresAt }: Template): boolean {
  return owner === "partner" && state === "valid" && Date.now() < expiresAt;
}

interface Known {
  readonly partners: readonly string[];
  readonly datasets: readonly Dataset[];
  readonly sessions: readonly Session[];
}

function RequestForm({ partners, datasets, sessions }: Known) {
  const { client, announce } = useHouse();
  const act = useAct();
  const [draft, setDraft] = useState<Draft>({
    ...EMPTY_DRAFT,
    partner: partners[0]!,
    ours: { ...EMPTY_DRAFT.ours, dataset: datasets[0]!.name },
  });
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }));
  const ours = (part: Partial<Draft["ours"]>) =>
    setDraft((last) => ({ ...last, ours: { ...last.ours, ...part } }));
  const theirs = (part: Partial<SideDraft>) =>
    setDraft((last) => ({ ...last, theirs: { ...last.theirs, ...part } }));
  const { report } = draft;
  const own = datasets.find((dataset) => dataset.name === draft.ours.dataset)!;
  const told = useMemo(() => toldBefore(sessions, draft.partner), [sessions, draft.partner]);
  const yaml = yamlOf(draft);
  const isDated = !draft.series.isOn || draft.series.from.trim() !== "";
  const isWhole = draft.theirs.dataset.trim() !== "" && isDated;
  const run = () =>
    act.run(
      () => client.startRun({ yaml }, { idempotencyKey: freshKey() }),
      ({ id }) => {
        announce("The report is proposed.");
        goTo("runs", id);
      },
    );
  return (
    <Form class="with-preview" onSubmit={run}>
      <div>
        <Panel heading="What">
          <div class="grid">
            <Select
              label="Report"
              hint={KIND_NOTES[report]}
              value={report}
              onValue={(value) => change({ report: value as Kind })}
              choices={Object.entries(KINDS)}
            />
            <Select
              label="Partner"
              value={draft.partner}
              onValue={(partner) => change({ partner })}
              choices={partners.map((each) => [each, name(each)])}
            />
            <div class="wide">
              <Several
                label="Matched by"
                hint="A person is found by any of them. Both sides need a key of that name; without a choice it is the first of ours."
                choices={own.keys.map((key) => [key, name(key)])}
                chosen={draft.match}
                onChange={(match) => change({ match })}
              />
            </div>
          </div>
        </Panel>
        <Panel heading="Our data">
          <div class="grid">
            <Select
              label="Our dataset"
              value={draft.ours.dataset}
              onValue={(dataset) => ours({ dataset, groupBy: [], measures: [] })}
              choices={datasets.map((each) => [each.name, name(each.name)])}
            />
            {own.dimensions.length > 0 && (
              <div class="wide">
                <Several
                  label="Our columns to group by"
                  choices={own.dimensions.map((each) => [each, name(each)])}
                  chosen={draft.ours.groupBy}
                  onChange={(groupBy) => ours({ groupBy })}
                />
              </div>
            )}
            {HAS_MEASURES.includes(report) && (
              <div class="wide">
                <MeasureFields
                  legend="Our measures to add up"
                  known={own.measures}
                  measures={draft.ours.measures}
                  onChange={(measures) => ours({ measures })}
                />
              </div>
            )}
            <div class="wide">
              <TextArea
                label="Only our rows where"
                hint="A condition over our own columns, in SQL. The partner never sees it."
                rows={1}
                spellcheck={false}
                value={draft.ours.where}
                onValue={(where) => ours({ where })}
              />
            </div>
          </div>
        </Panel>
        <Panel heading="The partner's data">
          <div class="grid">
            <TextField
              label="Their dataset"
              hint={
                told.datasets.length === 0
                  ? "The partner tells you its name."
                  : "Names of earlier reports are offered."
              }
              value={draft.theirs.dataset}
              choices={told.datasets}
              onValue={(dataset) => theirs({ dataset })}
              required
            />
            <TextField
              label="Their columns to group by"
              hint="Names with commas between them."
              value={draft.theirs.groupBy.join(", ")}
              choices={told.columns}
              onValue={(text) => theirs({ groupBy: listed(text) })}
            />
            {HAS_MEASURES.includes(report) && draft.ours.measures.length === 0 && (
              <div class="wide">
                <MeasureFields
                  legend="Their measures to add up"
                  known={told.measures}
                  isOpen
                  measures={draft.theirs.measures}
                  onChange={(measures) => theirs({ measures })}
                />
              </div>
            )}
          </div>
        </Panel>
        <Panel heading="What may open">
          <div class="grid">
            <TextField
              label="Threshold"
              hint="People behind each number, at least; 11 or more."
              inputMode="numeric"
              value={draft.threshold}
              onValue={(threshold) => change({ threshold })}
            />
            {!draft.isExact && (
              <TextField
                label="Epsilon"
                hint="Less is more noise, and costs less."
                inputMode="decimal"
                value={draft.epsilon}
                onValue={(epsilon) => change({ epsilon })}
              />
            )}
            <Select
              label="Result for"
              value={draft.result}
              onValue={(value) => change({ result: value as Draft["result"] })}
              choices={[
                ["both", "both sides"],
                ["us", "us alone"],
                ["them", "the partner alone"],
              ]}
            />
            <Select
              label="Whose columns make the cells"
              value={draft.receiver}
              onValue={(value) => change({ receiver: value as Draft["receiver"] })}
              choices={[
                ["", "of the side that groups"],
                ["us", "ours"],
                ["them", "theirs"],
              ]}
            />
            <div class="wide">
              <Check
                label="Exact, without noise"
                hint="Only where both policies allow it."
                isOn={draft.isExact}
                onChange={(isExact) => change({ isExact })}
              />
            </div>
            <KindFields draft={draft} change={change} />
          </div>
        </Panel>
        <Panel heading="When">
          <div class="stack">
            <SeriesFields series={draft.series} onChange={(series) => change({ series })} />
            {mayCountNewPeople(draft) && (
              <Check
                label="Count new people alone"
                hint="Those whom the receiver's data had in no earlier run with a report. Who matches only now, because the sender's data has come to have them, is not new."
                isOn={draft.newPeople}
                onChange={(newPeople) => change({ newPeople })}
              />
            )}
          </div>
        </Panel>
      </div>
      <div class="sticky">
        <PreviewPanel
          request={{ yaml }}
          isWhole={isWhole}
          missing="Name the partner's dataset: from then on the request is checked as you write."
        />
        <Panel heading="The request">
          <div class="stack">
            <pre class="yaml" tabIndex={0} aria-label="The request as YAML">
              {yaml}
            </pre>
            <Problem error={act.error} />
            <div class="actions">
              <Button kind="main" type="submit" isBusy={act.isBusy}>
                Run it
              </Button>
              <Button onClick={() => saveFile(`${report}.yaml`, yaml, "application/yaml")}>
                Save as a file
              </Button>
            </div>
          </div>
        </Panel>
      </div>
    </Form>
  );
}

const listed = (text: string): string[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");

/** Names of the partner's that earlier sessions had. */
function toldBefore(sessions: readonly Session[], partner: string) {
  const own = sessions.filter((session) => session.partner === partner);
  const columnsOf = ({ role, partitions, senderGroupBy }: Session) =>
    role === "sender" ? partitions.flat() : senderGroupBy;
  const unique = (list: readonly string[]) => [...new Set(list)].toSorted();
  return {
    datasets: unique(own.map((session) => datasetsOf(session).theirs)),
    columns: unique(own.flatMap(columnsOf)),
    measures: unique(own.filter(({ role }) => role === "receiver").flatMap(({ measures }) => measures)),
  };
}
