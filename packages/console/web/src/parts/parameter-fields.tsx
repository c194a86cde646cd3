// A form of a template's parameters: a field for each, with its range as a hint and what is wrong beside it.
import type { TemplateParameter } from "../answers.ts";
import { name, sentence } from "../words/text.ts";
import { Select, Several, TextField } from "./fields.tsx";

/** Text, and of columns a list; a parameter that is not there has its default. */
export type Given = Readonly<Record<string, string | readonly string[]>>;

/** What the fields show at first. */
export function usualOf(parameters: readonly TemplateParameter[]): Given {
  return Object.fromEntries(
    parameters.map(({ name: called, type, default: usual, of }) => {
      if (usual !== undefined) return [called, usual];
      if (type === "choice") return [called, of?.[0] ?? ""];
      return [called, type === "columns" ? [] : ""];
    }),
  );
}

export function ParameterFields({
  parameters,
  datasets,
  given,
  faultOf,
  onChange,
}: {
  readonly parameters: readonly TemplateParameter[];
  /** Names of our datasets. */
  readonly datasets: readonly string[];
  readonly given: Given;
  readonly faultOf: (parameter: string) => string | undefined;
  readonly onChange: (given: Given) => void;
}) {
  return (
    <div class="grid">
      {parameters.map((parameter) => (
        <Field
          key={parameter.name}
          parameter={parameter}
          datasets={datasets}
          value={given[parameter.name] ?? ""}
          fault={faultOf(parameter.name)}
          onValue={(value) => onChange({ ...given, [parameter.name]: value })}
        />
      ))}
    </div>
  );
}

function Field({
  parameter: { name: called, type, range, description, of = [] },
  datasets,
  value,
  fault,
  onValue,
}: {
  readonly parameter: TemplateParameter;
  readonly datasets: readonly string[];
  readonly value: string | readonly string[];
  readonly fault: string | undefined;
  readonly onValue: (value: string | readonly string[]) => void;
}) {
  const hint = [
    ...(description === undefined ? [] : [`${sentence(description)}.`]),
    `${sentence(capital(range))}.`,
  ].join(" ");
  if (type === "columns")
    return (
      <div class="wide">
        <Several
          label={name(called)}
          hint={hint}
          {...(fault !== undefined && { fault })}
          choices={of.map((each) => [each, name(each)])}
          chosen={typeof value === "string" ? [] : value}
          onChange={onValue}
        />
      </div>
    );
  const text = typeof value === "string" ? value : "";
  if (type === "choice")
    return (
      <Select
        label={name(called)}
        hint={hint}
        fault={fault}
        value={text}
        onValue={onValue}
        choices={of.map((each) => [each, name(each)])}
      />
    );
  return (
    <TextField
      label={name(called)}
      hint={hint}
      fault={fault}
      value={text}
      onValue={onValue}
      {...(type === "dataset" && { choices: datasets })}
      {...(type === "integer" && { inputMode: "numeric" as const })}
      {...(type === "number" && { inputMode: "decimal" as const })}
      {...(type === "date" && { placeholder: "2027-01-31" })}
    />
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
