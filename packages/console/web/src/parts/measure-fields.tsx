// Measures of a request: which columns are added up, and for how much one person counts at least and at most.
import type { MeasureDraft } from "../words/request.ts";
import { name } from "../words/text.ts";
import { Button } from "./basics.tsx";
import { Check, Select, TextField } from "./fields.tsx";

interface Given {
  readonly legend: string;
  /** Names that are known. */
  readonly known: readonly string[];
  /** Whether others may be written too. */
  readonly isOpen?: boolean;
  readonly measures: readonly MeasureDraft[];
  readonly onChange: (measures: readonly MeasureDraft[]) => void;
}

export function MeasureFields({ legend, known, isOpen = false, measures, onChange }: Given) {
  const left = known.filter((each) => !measures.some((measure) => measure.name === each));
  const change = (i: number, part: Partial<MeasureDraft>) =>
    onChange(measures.map((measure, at) => (at === i ? { ...measure, ...part } : measure)));
  const add = () =>
    onChange([...measures, { name: left[0] ?? "", low: "0", high: "", decimals: "0", variance: false }]);
  if (known.length === 0 && !isOpen) return null;
  return (
    <fieldset class="several">
      <legend>{legend}</legend>
      {measures.map((measure, i) => (
        <div class="row">
          {isOpen ? (
            <TextField
              label="Column"
              value={measure.name}
              choices={known}
              onValue={(value) => change(i, { name: value })}
            />
          ) : (
            <Select
              label="Column"
              value={measure.name}
              onValue={(value) => change(i, { name: value })}
              choices={[measure.name, ...left].map((each) => [each, name(each)])}
            />
          )}
          <TextField
            label="Least"
            inputMode="decimal"
            value={measure.low}
            onValue={(low) => change(i, { low })}
          />
          <TextField
            label="Most"
            inputMode="decimal"
            value={measure.high}
            onValue={(high) => change(i, { high })}
          />
          <TextField
            label="Decimals"
            inputMode="numeric"
            value={measure.decimals}
            onValue={(decimals) => change(i, { decimals })}
          />
          <Check label="Spread" isOn={measure.variance} onChange={(variance) => change(i, { variance })} />
          <Button onClick={() => onChange(measures.filter((_, at) => at !== i))}>
            Remove<span class="sr"> {name(measure.name)}</span>
          </Button>
        </div>
      ))}
      {(isOpen || left.length > 0) && <Button onClick={add}>Add a measure</Button>}
      <p class="hint">
        What one person counts for is cut to these bounds; both sides see them, and noise grows with them.
      </p>
    </fieldset>
  );
}
