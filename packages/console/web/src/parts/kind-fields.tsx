// What some kinds of report need besides: how many cells and events of one person count, the window, the groups of a lift.
import { HAS_ENTRIES, HAS_EVENTS, type Draft } from "../words/request.ts";
import { TextField } from "./fields.tsx";

export function KindFields({
  draft,
  change,
}: {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}) {
  const { report, arms } = draft;
  const arm = (part: Partial<Draft["arms"]>) => change({ arms: { ...arms, ...part } });
  const field = (label: string, hint: string, value: string, onValue: (value: string) => void) => (
    <TextField label={label} hint={hint} value={value} onValue={onValue} />
  );
  return (
    <>
      {HAS_ENTRIES.includes(report) &&
        field("Cells of one person", "At most, 1 to 16; 4 if empty.", draft.entries, (entries) =>
          change({ entries }),
        )}
      {HAS_EVENTS.includes(report) &&
        field("Events of one person", "At most, 1 to 8; 2 if empty.", draft.events, (events) =>
          change({ events }),
        )}
      {HAS_EVENTS.includes(report) &&
        field("Window in days", "From a touch to an event; 0 for none.", draft.windowDays, (windowDays) =>
          change({ windowDays }),
        )}
      {report === "lift" && (
        <>
          {field("Column of the groups", "Of the receiver.", arms.column, (column) => arm({ column }))}
          {field("Label of the test group", "", arms.test, (test) => arm({ test }))}
          {field("Label of the control group", "", arms.control, (control) => arm({ control }))}
        </>
      )}
    </>
  );
}
