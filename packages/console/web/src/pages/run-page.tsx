// One run as it goes: its stages, what was told, and how it ended.
import type { JobEvent } from "@halfroom/console/client";
import { useEffect } from "preact/hooks";
import type { Job } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Facts, Page, Panel, Sentences } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { useEvents } from "../use-events.ts";
import { STAGES } from "../words/reports.ts";
import { counted, moment, name, sentence, short } from "../words/text.ts";
import { JobState } from "./runs-page.tsx";

export function RunPage({ id }: { readonly id: string }) {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.showJob({ id }), [id]);
  const { events, error } = useEvents(id);
  const act = useAct();
  const last = events.at(-1);
  const job = last?.type === "ended" ? last.job : loaded.data;
  useEffect(() => {
    if (last?.type === "ended") announce(`The run has ended: ${last.job.state}.`);
    else if (last?.type === "held") announce("The run waits for a person at the partner.");
  }, [last?.type]);
  const isRunning = job?.state === "running";
  return (
    <Page
      title="Run"
      lead={job && `Begun ${moment(job.createdAt)} by ${name(job.caller)}`}
      actions={
        <>
          {job?.result?.hasResult === true && (
            <a class="button main" href={link("reports", job.result.session)}>
              See the report
            </a>
          )}
          {job?.series !== undefined && (
            <a class="button main" href={link("series", job.series)}>
              See the series
            </a>
          )}
          {isRunning && may("cancelJob") && (
            <Button kind="danger" isBusy={act.isBusy} onClick={() => act.run(() => client.cancelJob({ id }))}>
              Cancel
            </Button>
          )}
        </>
      }
    >
      <Problem error={act.error ?? error} />
      <Shown loaded={loaded} lines={8}>
        {() => (
          <>
            <Panel heading="How it stands" aside={job && <JobState job={job} />}>
              <div class="stack">
                <p>{job && nowWords(job, events)}</p>
                {job?.error !== undefined && <p class="problem">{sentence(job.error.words)}</p>}
                <Stages events={events} isDone={job?.state === "done" && job.result?.isStored === false} />
              </div>
            </Panel>
            <Told events={events} />
            {job?.session !== undefined && (
              <Panel heading="Its session">
                <Facts
                  entries={[
                    ["Session", <a href={link("sessions", job.session)}>{short(job.session)}</a>],
                    ...(job.endedAt === undefined ? [] : [["Ended", <Moment at={job.endedAt} />] as const]),
                  ]}
                />
              </Panel>
            )}
          </>
        )}
      </Shown>
    </Page>
  );
}

function nowWords({ state, result, series }: Job, events: readonly JobEvent[]): string {
  if (state === "done" && series !== undefined)
    return "Both sides have signed the series; its runs are made when they are due.";
  if (state === "done")
    return result?.isStored === true
      ? "The stored report was served: same request, same data, no cost."
      : "The report is there.";
  if (state === "cancelled") return "It was cancelled; what it had charged stays charged.";
  if (state === "failed") return "It has failed.";
  const last = events.findLast(({ type }) => type !== "progress" && type !== "warning");
  if (last?.type === "held")
    return `It waits for a person at the partner: ${last.reasons.map(({ words }) => sentence(words)).join("; ")}`;
  if (last?.type === "queued") return "The partner is running other sessions first.";
  if (last?.type === "busy") return `The partner is busy; asking again until ${moment(last.until)}.`;
  if (last?.type === "elsewhere")
    return "Another run of this report is under way; it waits until that has ended.";
  return "It is under way.";
}

function Stages({ events, isDone }: { readonly events: readonly JobEvent[]; readonly isDone: boolean }) {
  const stateOf = (stage: string): "waiting" | "started" | "done" => {
    if (isDone) return "done";
    const last = events.findLast((event) => event.type === "stage" && event.name === stage);
    if (last?.type !== "stage") return "waiting";
    return last.state === "started" ? "started" : "done";
  };
  return (
    <ol class="stages">
      {STAGES.map(({ name: stage, words }) => {
        const state = stateOf(stage);
        const progress = events.findLast((event) => event.type === "progress" && event.name === stage);
        return (
          <li class={state}>
            <span class="dot" aria-hidden="true" />
            <span>{words}</span>
            <span class="hint">{state === "started" ? "under way" : state === "done" ? "done" : ""}</span>
            {state === "started" && progress?.type === "progress" && (
              <progress aria-label={words} value={progress.done} max={progress.total} />
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Told({ events }: { readonly events: readonly JobEvent[] }) {
  const told = events.flatMap(wordsOf);
  if (told.length === 0) return null;
  return (
    <Panel heading="What was told">
      <Sentences items={told} />
    </Panel>
  );
}

function wordsOf(event: JobEvent): readonly string[] {
  if (event.type === "role" || event.type === "transfers") return [event.words];
  if (event.type === "proposed")
    return [`${event.resumed ? "Asked again" : "Proposed"}: session ${event.id}.`];
  if (event.type === "terms") return event.words;
  if (event.type === "completed")
    return [`Session ${event.id} lacked the partner's last message; it is complete now.`];
  if (event.type === "prepared")
    return [`Our data: ${counted(event.rows, "row")}, ${counted(event.people, "person", "people")}.`];
  return event.type === "warning" ? [event.words] : [];
}
