// The audit log: what happened, whether the log is whole, and a copy of it.
import { useState } from "preact/hooks";
import { useHouse } from "../house.ts";
import { Button, Empty, Page, Panel, Tag } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { Table } from "../parts/table.tsx";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { counted, fact, moment, name, number, sentence } from "../words/text.ts";

type Entry = Awaited<ReturnType<ReturnType<typeof useHouse>["client"]["readAudit"]>>[number];

const AT_ONCE = 50;
const EXPORT_AT_ONCE = 1000;

export function AuditPage() {
  const { client, may } = useHouse();
  const [before, setBefore] = useState<number | undefined>(undefined);
  const loaded = useLoaded(
    () => client.readAudit({ limit: AT_ONCE, ...(before !== undefined && { before }) }),
    [before],
  );
  const saving = useAct();
  const save = () =>
    saving.run(
      async () => {
        const all: Entry[] = [];
        for (let first: number | undefined; first === undefined || first > 1; first = all[0]!.number) {
          const page = await client.readAudit({
            limit: EXPORT_AT_ONCE,
            ...(first !== undefined && { before: first }),
          });
          if (page.length === 0) break;
          all.unshift(...page);
        }
        return all.map((entry) => JSON.stringify(entry)).join("\n");
      },
      (text) => saveFile("audit.ndjson", `${text}\n`, "application/x-ndjson"),
    );
  return (
    <Page
      title="Audit"
      lead="Every act and every session, in a log whose entries are chained: none can be edited, removed or moved unseen."
      actions={
        <Button onClick={save} isBusy={saving.isBusy}>
          Save the whole log
        </Button>
      }
    >
      <Problem error={saving.error} />
      <Verification />
      {may("correctClock") && before === undefined && loaded.data !== undefined && (
        <Clock newest={loaded.data.at(-1)?.at} onChange={loaded.reload} />
      )}
      <Panel
        heading="The log"
        aside={before === undefined ? "the newest first" : `entries before ${number(before)}`}
      >
        <Shown loaded={loaded} lines={12}>
          {(entries) =>
            entries.length === 0 ? (
              <Empty>There are no entries yet.</Empty>
            ) : (
              <div class="stack">
                <Table
                  caption="Entries of the audit log"
                  keyOf={(entry) => entry.number}
                  rows={entries.toReversed()}
                  columns={[
                    { head: "No.", isNumber: true, cell: (entry) => number(entry.number) },
                    { head: "When", cell: ({ at }) => <Moment at={at} /> },
                    {
                      head: "What",
                      cell: ({ kind, facts }) => (
                        <>
                          <p>{name(kind)}</p>
                          <FactsOf facts={facts} />
                        </>
                      ),
                    },
                  ]}
                />
                <div class="actions">
                  {before !== undefined && <Button onClick={() => setBefore(undefined)}>The newest</Button>}
                  {entries[0]!.number > 1 && (
                    <Button onClick={() => setBefore(entries[0]!.number)}>Older entries</Button>
                  )}
                </div>
              </div>
            )
          }
        </Shown>
      </Panel>
    </Page>
  );
}

/** What two clocks may differ by without a word. */
const APART_MS = 60_000;

/** Whether the newest entry lies ahead of the reader's clock; what to do about it is behind a summary as long as it does not. */
function Clock({ newest, onChange }: { readonly newest: number | undefined; readonly onChange: () => void }) {
  const { client, announce } = useHouse();
  const act = useAct();
  const correct = () =>
    act.run(
      () => client.correctClock(),
      () => {
        announce("Time goes on from that of the machine.");
        onChange();
      },
    );
  const isAhead = newest !== undefined && newest > Date.now() + APART_MS;
  return (
    <Panel heading="The clock">
      <div class="stack">
        <p>
          {isAhead ? (
            <>
              <Tag kind="warn">ahead</Tag> The newest entry is of {moment(newest)}, later than your own clock.
            </>
          ) : (
            <>
              <Tag kind="good">in order</Tag> No entry is later than your own clock.
            </>
          )}
        </p>
        <details open={isAhead}>
          <summary>If a clock that was ahead has written entries</summary>
          <div class="stack">
            <p>
              Then nothing is served, run or approved until it is corrected. Set the machine's clock right
              first. What was spent at those later moments counts until their period is over.
            </p>
            <Problem error={act.error} />
            <div>
              <Button onClick={correct} isBusy={act.isBusy}>
                Go on from the machine's time
              </Button>
            </div>
          </div>
        </details>
      </div>
    </Panel>
  );
}

function FactsOf({ facts }: { readonly facts: Entry["facts"] }) {
  return (
    <>
      {Object.entries(facts).map(([label, value]) => (
        <span class="fact">
          <span class="hint">{name(label)}</span> {fact(label, value)}
        </span>
      ))}
    </>
  );
}

function Verification() {
  const { client, announce } = useHouse();
  const act = useAct();
  const [verdict, setVerdict] = useState<Awaited<ReturnType<typeof client.verifyAudit>> | undefined>(
    undefined,
  );
  const verify = () =>
    act.run(
      () => client.verifyAudit(),
      (found) => {
        setVerdict(found);
        announce(
          found.faults.length + found.gaps.length === 0
            ? "The audit log is intact."
            : "The audit log has faults.",
        );
      },
    );
  const faults = verdict === undefined ? [] : [...verdict.faults, ...verdict.gaps];
  return (
    <Panel heading="Is it whole?">
      <div class="stack">
        <p>
          {verdict === undefined ? (
            "Reads every entry, and holds the ledger against it: that all that was spent is counted."
          ) : faults.length === 0 ? (
            <>
              <Tag kind="good">intact</Tag> {counted(verdict.entries, "entry", "entries")}; all that was spent
              is in the ledger.
            </>
          ) : (
            <>
              <Tag kind="bad">{counted(faults.length, "fault")}</Tag> in{" "}
              {counted(verdict.entries, "entry", "entries")}.
            </>
          )}
        </p>
        {faults.length > 0 && (
          <ul class="sentences">
            {faults.map(({ number: at, words }) => (
              <li>
                Entry {number(at)}: {sentence(words)}
              </li>
            ))}
          </ul>
        )}
        <Problem error={act.error} />
        <div>
          <Button onClick={verify} isBusy={act.isBusy}>
            {act.isBusy ? "Reading…" : "Verify"}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
