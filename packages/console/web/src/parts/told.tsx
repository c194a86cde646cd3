// Who is told of what happens, by webhook or mail, and what they have not been told.
import type { EventRecord, Target } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { useAct, useLoaded } from "../use.ts";
import { counted, inQuotes, name, names, number, sentence } from "../words/text.ts";
import { Button, Empty, Panel, Tag } from "./basics.tsx";
import { Shown } from "./loaded.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { Table } from "./table.tsx";

/** Of those that were given up, the newest. */
const SHOWN = 20;

export function Told() {
  const { client, may, announce } = useHouse();
  const targets = useLoaded(() => client.listTargets(), []);
  const failed = useLoaded(() => client.listEvents({ state: "failed", limit: SHOWN }), []);
  const act = useAct();
  const reload = () => {
    targets.reload();
    failed.reload();
  };
  const test = (target: string) =>
    act.run(
      () => client.testTarget({ name: target }, { idempotencyKey: freshKey() }),
      ({ failure }) => {
        announce(
          failure === undefined
            ? `${inQuotes(target)} was told.`
            : `${inQuotes(target)} was not told: ${sentence(failure)}.`,
        );
        reload();
      },
    );
  const retry = () =>
    act.run(
      () => client.retryEvents({}, { idempotencyKey: freshKey() }),
      ({ retried }) => {
        announce(`${counted(retried, "delivery", "deliveries")} to be made anew.`);
        reload();
      },
    );
  const isOpen = (targets.data ?? []).some(({ late, failed: lost }) => late + lost > 0);
  return (
    <Panel
      heading="Who is told"
      aside={
        may("retryEvents") &&
        isOpen && (
          <Button isBusy={act.isBusy} onClick={retry}>
            Try all again
          </Button>
        )
      }
    >
      <Problem error={act.error} />
      <Shown loaded={targets}>
        {(rows) => (
          <div class="stack">
            <Targets targets={rows} test={may("testTarget") ? test : undefined} isBusy={act.isBusy} />
            <Shown loaded={failed}>{(events) => <Failed events={events} />}</Shown>
          </div>
        )}
      </Shown>
    </Panel>
  );
}

function Targets({
  targets,
  test,
  isBusy,
}: {
  readonly targets: readonly Target[];
  readonly test: ((target: string) => void) | undefined;
  readonly isBusy: boolean;
}) {
  if (targets.length === 0)
    return <Empty>Nobody. The settings webhooks and mail_to name who is told of what happens.</Empty>;
  return (
    <Table
      caption="Who is told"
      keyOf={(target) => target.name}
      rows={targets}
      columns={[
        {
          head: "Target",
          cell: ({ name: target, kind, place }) => (
            <>
              <p class="any">{name(target)}</p>
              <p class="hint any">
                {kind}, {name(place)}
              </p>
            </>
          ),
        },
        { head: "Events", isMore: true, cell: ({ events }) => <span class="any">{names(events)}</span> },
        { head: "Tried again", isNumber: true, cell: ({ late }) => number(late) },
        {
          head: "Given up",
          isNumber: true,
          cell: ({ failed }) => (failed === 0 ? "0" : <Tag kind="bad">{number(failed)}</Tag>),
        },
        {
          head: "",
          cell: ({ name: target }) =>
            test !== undefined && (
              <Button isBusy={isBusy} onClick={() => test(target)}>
                Test<span class="sr"> {name(target)}</span>
              </Button>
            ),
        },
      ]}
    />
  );
}

function Failed({ events }: { readonly events: readonly EventRecord[] }) {
  if (events.length === 0) return null;
  return (
    <Table
      caption="What was not delivered"
      keyOf={({ id }) => id}
      rows={events}
      columns={[
        {
          head: "Not delivered",
          cell: ({ words, at }) => (
            <>
              <p class="any">{sentence(words)}</p>
              <p class="hint">
                <Moment at={at} />
              </p>
            </>
          ),
        },
        {
          head: "To, and why",
          cell: ({ deliveries }) =>
            deliveries
              .filter(({ state }) => state === "failed")
              .map(({ target, words }) => (
                <p class="any">
                  {name(target)}: {sentence(words)}
                </p>
              )),
        },
      ]}
    />
  );
}
