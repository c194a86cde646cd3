// Declaring a dataset: its definition as an entry of the node's settings; its files lie on the node's machine.
import { useState } from "preact/hooks";
import { parse } from "yaml";
import { freshKey, useHouse } from "../house.ts";
import { useAct } from "../use.ts";
import { Button, Panel } from "./basics.tsx";
import { Form, TextArea, TextField } from "./fields.tsx";
import { Problem } from "./problem.tsx";

const EXAMPLE = `source: { csv: /srv/exports/purchases.csv }
match: { email: { columns: email } }
measures: { revenue: {} }`;

export function AddDataset({ onAdded }: { readonly onAdded: () => void }) {
  const { client, announce } = useHouse();
  const [called, setCalled] = useState("");
  const [yaml, setYaml] = useState("");
  const [fault, setFault] = useState<string | undefined>(undefined);
  const act = useAct();
  const add = () => {
    const definition = definitionIn(yaml);
    setFault(definition === undefined ? "The definition is no YAML of fields and values." : undefined);
    if (definition === undefined) return;
    act.run(
      () => client.addDataset({ name: called, definition }, { idempotencyKey: freshKey() }),
      () => {
        setCalled("");
        setYaml("");
        announce("The dataset is declared.");
        onAdded();
      },
    );
  };
  return (
    <Panel heading="Declare a dataset">
      <Form class="stack" onSubmit={add}>
        <TextField label="Name" value={called} onValue={setCalled} required maxLength={63} />
        <TextArea
          label="Definition"
          hint="YAML, as an entry of datasets in the node's settings: docs/datasets.md has every field. Nothing is read yet."
          placeholder={EXAMPLE}
          rows={6}
          class="mono"
          spellcheck={false}
          value={yaml}
          onValue={setYaml}
          required
        />
        {fault !== undefined && (
          <p class="problem" role="alert">
            {fault}
          </p>
        )}
        <Problem error={act.error} />
        <div>
          <Button kind="main" type="submit" isBusy={act.isBusy}>
            Declare it
          </Button>
        </div>
      </Form>
    </Panel>
  );
}

function definitionIn(yaml: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = parse(yaml);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : undefined;
  } catch {
    return undefined;
  }
}
