// Whom something is about: one person who is typed, or a file of many. Nothing of it stays in the page's address or in the browser.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useHouse } from "../house.ts";
import { useLoaded } from "../use.ts";
import { columnsIn, LENGTH_MAX, type OptOutList } from "../words/opt-outs.ts";
import { name } from "../words/text.ts";
import { Check, FileField, Form, Select, TextField, type Choice } from "./fields.tsx";

/** Asks the form for its list, and does something with it where it is whole. */
type WithList = (use: (list: OptOutList) => void) => void;

const HOW: readonly Choice[] = [
  ["one", "one person, typed here"],
  ["file", "a CSV file"],
];

export function PeopleForm({
  onSubmit,
  actions,
  onChange,
  unread,
}: {
  /** As the first of the actions does. */
  readonly onSubmit: (list: OptOutList) => void;
  readonly actions: (withList: WithList) => ComponentChildren;
  /** Something else was written: what was answered before is about others. */
  readonly onChange: () => void;
  /** Why the identifier that was typed cannot be read. */
  readonly unread: string | undefined;
}) {
  const [how, setHow] = useState("one");
  const [key, setKey] = useState("email");
  const [identifier, setIdentifier] = useState("");
  const [csv, setCsv] = useState("");
  const [columns, setColumns] = useState("");
  const [hashed, setHashed] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setFault(undefined);
      onChange();
    };
  const withList: WithList = (use) => {
    const list = how === "one" ? oneOf(key, identifier, hashed) : fileOf(csv, columns, hashed);
    setFault(typeof list === "string" ? list : undefined);
    if (typeof list !== "string") use(list);
  };
  return (
    <Form class="stack" onSubmit={() => withList(onSubmit)}>
      <div class="row">
        <Select label="Given as" value={how} onValue={changed(setHow)} choices={HOW} />
        {how === "one" && <KeySelect value={key} onValue={changed(setKey)} />}
        {how === "one" && (
          <TextField label="Identifier" fault={unread} value={identifier} onValue={changed(setIdentifier)} />
        )}
      </div>
      {how === "file" && (
        <div class="row">
          <FileField
            label="File"
            hint="Its first line names the columns. Up to 512 kB; longer ones take the command line."
            accept=".csv,text/csv"
            onText={changed(setCsv)}
          />
          <TextField
            label="Columns, if they are not named after the keys"
            hint="KEY=COLUMN, with commas between several."
            placeholder="email=address"
            value={columns}
            onValue={changed(setColumns)}
          />
        </div>
      )}
      <Check
        label="E-mail addresses and phone numbers are SHA-256 digests"
        isOn={hashed}
        onChange={changed(setHashed)}
      />
      {fault !== undefined && (
        <p class="problem" role="alert">
          {fault}
        </p>
      )}
      <div class="actions">{actions(withList)}</div>
    </Form>
  );
}

function oneOf(key: string, identifier: string, hashed: boolean): OptOutList | string {
  if (identifier.trim() === "") return "Write the identifier of the person.";
  return { person: { key, identifier: identifier.trim() }, hashed };
}

function fileOf(csv: string, text: string, hashed: boolean): OptOutList | string {
  const columns = columnsIn(text);
  if (csv === "") return "Choose a file.";
  if (csv.length > LENGTH_MAX)
    return "The file is too long for this page: halfroom suppress and subject take it.";
  if (columns === undefined) return "Write columns as KEY=COLUMN, for example email=address.";
  return { csv, columns, hashed };
}

/** The match keys of all datasets; e-mail addresses are known without one. */
function KeySelect({
  value,
  onValue,
}: {
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  const { client } = useHouse();
  const { data: datasets = [] } = useLoaded(() => client.listDatasets(), []);
  const keys = [...new Set(["email", ...datasets.flatMap((dataset) => dataset.keys)])];
  return (
    <Select
      label="Known by"
      value={value}
      onValue={onValue}
      choices={keys.map((each) => [each, name(each)])}
    />
  );
}
