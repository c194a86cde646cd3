// When a report repeats.
import type { SeriesDraft } from "../words/request.ts";
import { Check, Select, TextField } from "./fields.tsx";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

export function SeriesFields({
  series,
  onChange,
}: {
  readonly series: SeriesDraft;
  readonly onChange: (series: SeriesDraft) => void;
}) {
  const change = (part: Partial<SeriesDraft>) => onChange({ ...series, ...part });
  const { isOn, every, on } = series;
  return (
    <div class="grid">
      <div class="wide">
        <Check
          label="Repeat it"
          hint="Both sides decide once, on all runs; what they may cost is reserved at once. Epsilon is that of each run."
          isOn={isOn}
          onChange={(value) => change({ isOn: value })}
        />
      </div>
      {isOn && (
        <>
          <Select
            label="Every"
            value={every}
            onValue={(value) =>
              change({ every: value as SeriesDraft["every"], on: value === "week" ? "monday" : "1" })
            }
            choices={[
              ["day", "day"],
              ["week", "week"],
              ["month", "month"],
            ]}
          />
          {every === "week" && (
            <Select
              label="On"
              value={on}
              onValue={(value) => change({ on: value })}
              choices={WEEKDAYS.map((day) => [day, day])}
            />
          )}
          {every === "month" && (
            <TextField
              label="On day"
              hint="1 to 31, or last."
              value={on}
              onValue={(value) => change({ on: value })}
            />
          )}
          <TextField
            label="At"
            hint="Local time, 06:00."
            value={series.at}
            onValue={(at) => change({ at })}
          />
          <TextField label="Time zone" value={series.timezone} onValue={(timezone) => change({ timezone })} />
          <TextField
            label="From"
            hint="The first day, 2027-01-04."
            value={series.from}
            onValue={(from) => change({ from })}
            required
          />
          <TextField
            label="Runs"
            inputMode="numeric"
            value={series.runs}
            onValue={(runs) => change({ runs })}
          />
        </>
      )}
    </div>
  );
}
