// A policy that is written or changed: what changes is shown before it is saved.
import { useState } from "preact/hooks";
import type { Dataset, Policy } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Button, Empty, Page, Panel } from "../parts/basics.tsx";
import { Form, Select, Several, TextField } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { Table } from "../parts/table.tsx";
import { goTo, link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import {
  draftOf,
  entryOf,
  FIELD_GROUPS,
  listOf,
  policyDifferences,
  type Draft,
} from "../words/policy-draft.ts";
import { name, sentence } from "../words/text.ts";

export function PolicyPage({ partner, dataset }: { readonly partner?: string; readonly dataset?: string }) {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const [policies, partners, datasets] = await Promise.all([
      client.listPolicies(),
      client.listPartners(),
      client.listDatasets(),
    ]);
    return { policies, partners: partners.map((each) => each.name), datasets };
  }, [partner, dataset]);
  const isNew = partner === undefined || dataset === undefined;
  return (
    <Page
      title={isNew ? "New policy" : `Policy for ${name(partner)} and ${name(dataset)}`}
      lead="It holds from the moment it is saved, for sessions that have not been approved or begun."
    >
      <Shown loaded={loaded} lines={12}>
        {({ policies, partners, datasets }) => {
          if (partners.length === 0 || datasets.length === 0)
            return (
              <Panel heading="Not yet">
                <Empty>
                  A policy is for a partner and a dataset of ours. <a href={link("partners")}>Partners</a>,{" "}
                  <a href={link("datasets")}>datasets</a>
                </Empty>
              </Panel>
            );
          return (
            <PolicyForm
              policies={policies}
              partners={partners}
              datasets={datasets}
              first={isNew ? undefined : { partner, dataset }}
            />
          );
        }}
      </Shown>
    </Page>
  );
}

interface Given {
  readonly policies: readonly Policy[];
  readonly partners: readonly string[];
  readonly datasets: readonly Dataset[];
  readonly first: Place | undefined;
}

interface Place {
  readonly partner: string;
  readonly dataset: string;
}

function PolicyForm({ policies, partners, datasets, first }: Given) {
  const { client, announce } = useHouse();
  const [place, setPlace] = useState<Place>(first ?? { partner: partners[0]!, dataset: datasets[0]!.name });
  const policyAt = (at: Place) =>
    policies.find((each) => each.partner === at.partner && each.dataset === at.dataset);
  const policy = policyAt(place);
  const [draft, setDraft] = useState<Draft>(() => draftOf(policy));
  const act = useAct();
  const dataset = datasets.find((each) => each.name === place.dataset);
  const move = (part: Partial<Place>) => {
    const next = { ...place, ...part };
    setPlace(next);
    setDraft(draftOf(policyAt(next)));
  };
  const found = policyDifferences(policy, draft);
  const saved = (words: string) => () => {
    announce(words);
    goTo("policies");
  };
  const save = () => {
    const yaml = JSON.stringify(entryOf(place, draft, policy));
    act.run(() => client.addPolicies({ yaml }, { idempotencyKey: freshKey() }), saved("The policy holds."));
  };
  return (
    <Form class="with-preview" onSubmit={save}>
      <div>
        {first === undefined && (
          <Panel heading="For whom and what">
            <div class="grid">
              <Select
                label="Partner"
                value={place.partner}
                onValue={(partner) => move({ partner })}
                choices={partners.map((each) => [each, name(each)])}
              />
              <Select
                label="Our dataset"
                value={place.dataset}
                onValue={(each) => move({ dataset: each })}
                choices={datasets.map((each) => [each.name, name(each.name)])}
              />
            </div>
          </Panel>
        )}
        {FIELD_GROUPS.map(({ heading, fields }) => (
          <Panel heading={heading}>
            <div class="grid">
              {fields.map((field) => (
                <FieldOf
                  field={field}
                  dataset={dataset}
                  value={draft[field.name]!}
                  isNew={policy === undefined}
                  onValue={(value) => setDraft((last) => ({ ...last, [field.name]: value }))}
                />
              ))}
            </div>
          </Panel>
        ))}
      </div>
      <div class="sticky">
        <Panel heading="What changes">
          <div class="stack" aria-live="polite">
            {found.length === 0 ? (
              <Empty>
                {policy === undefined
                  ? "Nothing is set: the defaults would hold, and a person decides."
                  : "Nothing yet."}
              </Empty>
            ) : (
              <Table
                caption="What changes"
                keyOf={({ what }) => what}
                rows={found}
                columns={[
                  { head: "Field", cell: ({ what }) => what },
                  { head: "From", cell: ({ before }) => <del>{sentence(before)}</del> },
                  { head: "To", cell: ({ now }) => <ins>{sentence(now)}</ins> },
                ]}
              />
            )}
            <Problem error={act.error} />
            <div class="actions">
              <Button kind="main" type="submit" isBusy={act.isBusy}>
                Save it
              </Button>
              {policy !== undefined && (
                <Button
                  kind="danger"
                  isBusy={act.isBusy}
                  onClick={() => act.run(() => client.removePolicy(place), saved("The policy is removed."))}
                >
                  Remove the policy
                </Button>
              )}
            </div>
            {policy !== undefined && (
              <p class="hint">
                Without it the partner's proposals over this dataset wait for a person, and nothing exact is
                allowed.
              </p>
            )}
          </div>
        </Panel>
      </div>
    </Form>
  );
}

interface FieldGiven {
  readonly field: (typeof FIELD_GROUPS)[number]["fields"][number];
  readonly dataset: Dataset | undefined;
  readonly value: string;
  readonly isNew: boolean;
  readonly onValue: (value: string) => void;
}

function FieldOf({ field: { label, hint, kind }, dataset, value, isNew, onValue }: FieldGiven) {
  const more = hint === undefined ? {} : { hint };
  if (kind === "columns" || kind === "measures" || kind === "sides") {
    const known =
      kind === "columns" ? dataset?.dimensions : kind === "measures" ? dataset?.measures : undefined;
    const choices =
      kind === "sides"
        ? ([
            ["us", "us"],
            ["partner", "the partner"],
          ] as const)
        : [...new Set([...(known ?? []), ...listOf(value)])].map((each) => [each, name(each)] as const);
    return (
      <div class="wide">
        <Several
          {...more}
          label={label}
          choices={choices}
          chosen={listOf(value)}
          onChange={(chosen) => onValue(chosen.join(","))}
        />
        {choices.length === 0 && <p class="hint">The dataset has none.</p>}
      </div>
    );
  }
  if (kind === "number" || kind === "text")
    return (
      <TextField
        {...more}
        label={label}
        inputMode={kind === "number" ? "decimal" : "text"}
        placeholder={isNew ? "the default" : ""}
        value={value}
        onValue={onValue}
      />
    );
  return (
    <Select
      {...more}
      label={label}
      value={value}
      onValue={onValue}
      choices={isNew ? [["", "the default"], ...kind] : kind}
    />
  );
}
