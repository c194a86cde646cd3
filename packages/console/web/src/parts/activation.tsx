// Which of our own cohorts to address, by the index of a report: a rule, and the plan as a file.
import { useState } from "preact/hooks";
import { useHouse } from "../house.ts";
import { saveFile } from "../save-file.ts";
import { useAct } from "../use.ts";
import { Button, Panel } from "./basics.tsx";
import { Check, Form, Select, TextField, type Choice } from "./fields.tsx";
import { Problem } from "./problem.tsx";

type Kind = "index-over" | "top" | "people";
const RULES: readonly Choice[] = [
  ["index-over", "every cohort with a higher index than"],
  ["top", "the first so many cohorts"],
  ["people", "from the first on, until they hold so many people"],
];
const FORMS = [
  { form: "csv", words: "CSV", type: "text/csv" },
  { form: "json", words: "JSON", type: "application/json" },
] as const;

export function Activation({ id }: { readonly id: string }) {
  const { client } = useHouse();
  const [kind, setKind] = useState<Kind>("index-over");
  const [count, setCount] = useState("120");
  const [surely, setSurely] = useState(false);
  const [partition, setPartition] = useState("");
  const [category, setCategory] = useState("");
  const act = useAct();
  const rule = () => {
    if (kind === "top") return { kind, cohorts: Number(count) };
    return kind === "people" ? { kind, people: Number(count) } : { kind, index: Number(count), surely };
  };
  const labels = category.split(",").map((label) => label.trim());
  const save = ({ form, type }: (typeof FORMS)[number]) =>
    act.run(
      () =>
        client.activateReport({
          id,
          rule: rule(),
          form,
          ...(partition !== "" && { partition: Number(partition) }),
          ...(category.trim() !== "" && { category: labels }),
        }),
      (text) => saveFile(`activation-${id.slice(0, 12)}.${form}`, text, type),
    );
  return (
    <Panel heading="Whom to address" aside="by the index of this report">
      <Form class="stack" onSubmit={() => save(FORMS[0])}>
        <div class="row">
          <Select label="Choose" value={kind} onValue={(chosen) => setKind(chosen as Kind)} choices={RULES} />
          <TextField label="Number" inputMode="numeric" value={count} onValue={setCount} required />
        </div>
        {kind === "index-over" && (
          <Check label="Surely: the low end of its interval is higher" isOn={surely} onChange={setSurely} />
        )}
        <div class="row">
          <TextField
            label="Which list of columns, from 1"
            hint="Where the report has several."
            inputMode="numeric"
            value={partition}
            onValue={setPartition}
          />
          <TextField
            label="Label of the partner's columns"
            hint="Where the partner's people are split; with commas between several."
            value={category}
            onValue={setCategory}
          />
        </div>
        <Problem error={act.error} />
        <div class="actions">
          {FORMS.map((form) => (
            <Button isBusy={act.isBusy} onClick={() => save(form)}>
              Save the plan as {form.words}
            </Button>
          ))}
        </div>
      </Form>
    </Panel>
  );
}
