// A policy that is written or changed: what changes is shown before it is saved.
import { ProblemError } from "@halfroom/console/client";
import { useEffect, useState } from "preact/hooks";
import type { Dataset, Policy } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { Empty, Page, Panel } from "../parts/basics.tsx";
import { Form, Select, Several, TextField } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { isLooser, PolicyChanges, type Asked } from "../parts/policy-changes.tsx";
import { Problem } from "../parts/problem.tsx";
import { goTo, link, useUnsaved } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import {
  draftOf,
  entryOf,
  FIELD_GROUPS,
  fieldOf,
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
  const [mended, setMended] = useState<readonly string[]>([]);
  const act = useAct();
  const dataset = datasets.find((each) => each.name === place.dataset);
  const move = (part: Partial<Place>) => {
    const next = { ...place, ...part };
    setPlace(next);
    setDraft(draftOf(policyAt(next)));
    act.forget();
  };
  const found = policyDifferences(policy, draft);
  const letGo = useUnsaved(found.length > 0 ? "Leave without saving what you have changed?" : undefined);
  const saved = (words: string) => () => {
    letGo();
    announce(words);
    goTo("policies");
  };
  const save = () => {
    const yaml = JSON.stringify(entryOf(place, draft, policy));
    setMended([]);
    act.run(() => client.addPolicies({ yaml }, { idempotencyKey: freshKey() }), saved("The policy holds."));
  };
  const remove = () => act.run(() => client.removePolicy(place), saved("The policy is removed."));
  const { faults, rest } = faultsOf(act.error, mended);
  const [asked, setAsked] = useState<Asked>(undefined);
  // A question is about what was written when it was asked.
  useEffect(() => setAsked(undefined), [draft]);
  useEffect(() => {
    if (faults.size > 0) document.querySelector<HTMLElement>("main [aria-invalid]")?.focus();
  }, [act.error]);
  return (
    <Form class="with-preview" onSubmit={() => (isLooser(found) ? setAsked("save") : save())}>
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
              {fields
                .filter((field) => isAsked(field.name, draft))
                .map((field) => (
                  <FieldOf
                    field={field}
                    dataset={dataset}
                    value={draft[field.name]!}
                    fault={faults.get(field.name)}
                    isNew={policy === undefined}
                    onValue={(value) => {
                      setDraft((last) => ({ ...last, [field.name]: value }));
                      setMended((last) => [...last, field.name]);
                    }}
                  />
                ))}
            </div>
          </Panel>
        ))}
      </div>
      <div class="sticky">
        <PolicyChanges
          policy={policy}
          changes={found}
          asked={asked}
          onAsked={setAsked}
          isBusy={act.isBusy}
          problem={
            faults.size > 0 ? (
              <p class="problem">Nothing is saved yet: what is wrong stands at the fields.</p>
            ) : (
              <Problem error={rest} />
            )
          }
          onSave={save}
          onRemove={remove}
        />
      </div>
    </Form>
  );
}

/** Hours say when a policy decides: without that they say nothing. */
const isAsked = (field: string, { approval, hours }: Draft): boolean =>
  field !== "hours" || approval === "automatic" || hours !== "";

/** Of a problem of the node: what is about fields of the form and has not been written anew, and the rest, shown as a whole. */
function faultsOf(
  error: unknown,
  mended: readonly string[],
): { readonly faults: ReadonlyMap<string, string>; readonly rest: unknown } {
  const problems = error instanceof ProblemError ? (error.problem.problems ?? []) : [];
  const placed = problems.map(({ field, fault, remedy }) => {
    return { name: fieldOf(field), words: sentence(`${capital(fault)}. ${remedy}`) };
  });
  const isAll = placed.length > 0 && placed.every(({ name: field }) => isWritten(field));
  if (!isAll) return { faults: new Map(), rest: error };
  const left = placed.filter(({ name: field }) => !mended.includes(field!));
  return { faults: new Map(left.map(({ name: field, words }) => [field!, words])), rest: undefined };
}

/** Whether it has a field that can be marked: lists that are ticked have nothing that the node could not read. */
function isWritten(field: string | undefined): boolean {
  const kind = FIELD_GROUPS.flatMap(({ fields }) => fields).find((each) => each.name === field)?.kind;
  return kind !== undefined && !["columns", "measures", "sides"].includes(String(kind));
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

interface FieldGiven {
  readonly field: (typeof FIELD_GROUPS)[number]["fields"][number];
  readonly dataset: Dataset | undefined;
  readonly value: string;
  readonly fault: string | undefined;
  readonly isNew: boolean;
  readonly onValue: (value: string) => void;
}

function FieldOf({ field: { label, hint, kind }, dataset, value, fault, isNew, onValue }: FieldGiven) {
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
        fault={fault}
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
      fault={fault}
      value={value}
      onValue={onValue}
      choices={isNew ? [["", "the default"], ...kind] : kind}
    />
  );
}
