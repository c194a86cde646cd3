// All that happened which others can be told of, who was told of it, and having them told again.
import { useState } from "preact/hooks";
import type { EventRecord } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Page, Panel } from "../parts/basics.tsx";
import { Select } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { SentTo } from "../parts/report-sinks.tsx";
import { Table } from "../parts/table.tsx";
import { useAct, useLoaded } from "../use.ts";
import { counted, sentence } from "../words/text.ts";

type Delivery = EventRecord["deliveries"][number];
type State = Delivery["state"];

const AT_ONCE = 50;
type Which = "all" | State;
const SHOWN: readonly (readonly [Which, string])[] = [
  ["all", "everything"],
  ["waiting", "what waits to be told"],
  ["failed", "what was not told"],
  ["delivered", "what was told"],
];

export function EventsPage() {
  const { client, may, announce } = useHouse();
  const [shown, setShown] = useState<Which>("all");
  const [before, setBefore] = useState<string | undefined>(undefined);
  const loaded = useLoaded(
    () =>
      client.listEvents({
        limit: AT_ONCE,
        ...(shown !== "all" && { state: shown }),
        ...(before !== undefined && { before }),
      }),
    [shown, before],
  );
  const act = useAct();
  const retry = (event: string) =>
    act.run(
      () => client.retryEvents({ event }, { idempotencyKey: freshKey() }),
      ({ retried }) => {
        announce(`${counted(retried, "delivery", "deliveries")} to be made anew.`);
        loaded.reload();
      },
    );
  const choose = (next: Which) => {
    setShown(next);
    setBefore(undefined);
  };
  return (
    <Page title="Events" lead="What happened that others can be told of, and whether they were.">
      <Problem error={act.error} />
      <Panel heading="What happened" aside={before === undefined ? "the newest first" : "older ones"}>
        <div class="grid">
          <Select label="Show" value={shown} choices={SHOWN} onValue={(state) => choose(state as Which)} />
        </div>
        <Shown loaded={loaded} lines={8}>
          {(events) =>
            events.length === 0 ? (
              <Empty>{shown === "all" ? "Nothing has happened yet." : "There is nothing of the kind."}</Empty>
            ) : (
              <>
                <Events events={events} retry={may("retryEvents") ? retry : undefined} isBusy={act.isBusy} />
                <p class="row">
                  {before !== undefined && <Button onClick={() => setBefore(undefined)}>Newest</Button>}
                  {events.length === AT_ONCE && (
                    <Button onClick={() => setBefore(events.at(-1)!.id)}>Older ones</Button>
                  )}
                </p>
              </>
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}

function Events({
  events,
  retry,
  isBusy,
}: {
  readonly events: readonly EventRecord[];
  readonly retry: ((event: string) => void) | undefined;
  readonly isBusy: boolean;
}) {
  return (
    <Table
      caption="Events"
      keyOf={({ id }) => id}
      rows={events}
      columns={[
        {
          head: "What",
          cell: ({ words, type, at }) => (
            <>
              <p class="any">{sentence(words)}</p>
              <p class="hint any">
                {type}, <Moment at={at} />
              </p>
            </>
          ),
        },
        {
          head: "Told",
          cell: ({ deliveries }) =>
            deliveries.length === 0 ? <span class="hint">nobody</span> : deliveries.map(ToldOne),
        },
        {
          head: "",
          cell: ({ id, words, deliveries }) =>
            retry !== undefined &&
            deliveries.some(isOpen) && (
              <Button isBusy={isBusy} onClick={() => retry(id)}>
                Send again<span class="sr">: {sentence(words)}</span>
              </Button>
            ),
        },
      ]}
    />
  );
}

/** Whether it was tried, and has not got there. */
function isOpen({ state, attempts }: Delivery): boolean {
  return state === "failed" || (state === "waiting" && attempts > 0);
}

function ToldOne({ target, state, at, words }: Delivery) {
  return (
    <p class="any">
      <SentTo target={target} state={state} />
      {words !== "" && ` ${sentence(words)}`}
      {state === "waiting" && (
        <span class="hint">
          {" "}
          next at <Moment at={at} />
        </span>
      )}
    </p>
  );
}
