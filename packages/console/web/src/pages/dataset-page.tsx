// A dataset, and its flight check: what a report would find in it.
import { useState } from "preact/hooks";
import type { Dataset, Findings, Policy } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Empty, Facts, Page, Panel } from "../parts/basics.tsx";
import { Form, Several, TextArea, TextField } from "../parts/fields.tsx";
import { FlightPicture } from "../parts/flight-picture.tsx";
import { RemoveForm } from "../parts/remove-form.tsx";
import { Shown } from "../parts/loaded.tsx";
import { MeasureFields } from "../parts/measure-fields.tsx";
import { Problem } from "../parts/problem.tsx";
import { goTo } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import type { MeasureDraft } from "../words/request.ts";
import { name, names } from "../words/text.ts";

export function DatasetPage({ dataset }: { readonly dataset: string }) {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const [datasets, policies] = await Promise.all([client.listDatasets(), client.listPolicies()]);
    return { datasets, threshold: strictestThreshold(policies, dataset) };
  }, [dataset]);
  const found = loaded.data?.datasets.find((each) => each.name === dataset);
  return (
    <Page title={name(dataset)} lead="One of our datasets.">
      <Shown loaded={loaded} lines={8}>
        {({ threshold }) =>
          found === undefined ? (
            <Panel heading="Not there">
              <Empty>This node has no dataset of that name.</Empty>
            </Panel>
          ) : (
            <>
              <Panel heading="As it is declared">
                <Facts
                  entries={[
                    ["Source", <code>{name(found.source)}</code>],
                    ["Matched by", names(found.keys)],
                    ["Columns", names(found.dimensions)],
                    ["Measures", names(found.measures)],
                    ["Population", name(found.population)],
                  ]}
                />
              </Panel>
              <FlightCheck dataset={found} policyThreshold={threshold} />
              <Remove dataset={found.name} />
            </>
          )
        }
      </Shown>
    </Page>
  );
}

function Remove({ dataset }: { readonly dataset: string }) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  if (!may("removeDataset")) return null;
  const remove = () =>
    act.run(
      () => client.removeDataset({ name: dataset }),
      () => {
        announce("The dataset is declared no more.");
        goTo("datasets");
      },
    );
  return (
    <Panel heading="Remove">
      <Problem error={act.error} />
      <RemoveForm
        name={dataset}
        label="Its name, to remove it"
        hint="The data stays, and so do policies that name it, which then allow nothing."
        isBusy={act.isBusy}
        onRemove={remove}
      />
    </Panel>
  );
}

/** The highest that a policy of ours asks for over the dataset; undefined without one. */
function strictestThreshold(policies: readonly Policy[], dataset: string): number | undefined {
  const all = policies.filter((each) => each.dataset === dataset).map(({ fields }) => fields["threshold"]);
  const numbers = all.filter((each) => typeof each === "number");
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

const THRESHOLD_DEFAULT = 100;
/** More keys a match does not take. */
const KEYS_MAX = 3;

function FlightCheck({
  dataset,
  policyThreshold,
}: {
  readonly dataset: Dataset;
  readonly policyThreshold: number | undefined;
}) {
  const { client, may, announce } = useHouse();
  const [match, setMatch] = useState<readonly string[]>(dataset.keys.slice(0, KEYS_MAX));
  const [groupBy, setGroupBy] = useState<readonly string[]>(dataset.dimensions.slice(0, 1));
  const [measures, setMeasures] = useState<readonly MeasureDraft[]>([]);
  const [threshold, setThreshold] = useState(String(policyThreshold ?? THRESHOLD_DEFAULT));
  const [where, setWhere] = useState("");
  const [found, setFound] = useState<Findings | undefined>(undefined);
  const act = useAct();
  if (!may("checkDataset")) return null;
  const check = () =>
    act.run(
      () =>
        client.checkDataset({
          name: dataset.name,
          ...(match.length > 0 && { match: [...match] }),
          measures: measures.map((each) => ({ ...boundsOf(each), name: each.name })),
          ...(groupBy.length > 0 && { partitions: [[...groupBy]] }),
          threshold: Number(threshold),
          ...(where.trim() !== "" && { where: where.trim() }),
        }),
      (findings) => {
        setFound(findings);
        announce("The data is checked.");
      },
    );
  return (
    <>
      <Panel heading="Flight check">
        <Form class="stack" onSubmit={check}>
          <p class="hint">
            Reads the data as a report would, and says what it would find. Nothing is kept or sent.
          </p>
          <div class="grid">
            <Several
              label="Matched by"
              choices={dataset.keys.map((each) => [each, name(each)])}
              chosen={match}
              onChange={setMatch}
            />
            {dataset.dimensions.length > 0 && (
              <Several
                label="Group by"
                choices={dataset.dimensions.map((each) => [each, name(each)])}
                chosen={groupBy}
                onChange={setGroupBy}
              />
            )}
            <TextField
              label="Threshold"
              hint={
                policyThreshold === undefined
                  ? "No policy of ours has one yet."
                  : "It begins at that of our policy."
              }
              inputMode="numeric"
              value={threshold}
              onValue={setThreshold}
              required
            />
            <div class="wide">
              <MeasureFields
                legend="Measures, and the bounds to try"
                known={dataset.measures}
                measures={measures}
                onChange={setMeasures}
              />
            </div>
            <div class="wide">
              <TextArea
                label="Only rows where"
                rows={1}
                value={where}
                onValue={setWhere}
                spellcheck={false}
              />
            </div>
          </div>
          <Problem error={act.error} />
          <div>
            <Button kind="main" type="submit" isBusy={act.isBusy}>
              {act.isBusy ? "Reading…" : "Check the data"}
            </Button>
          </div>
        </Form>
      </Panel>
      {found !== undefined && <FlightPicture findings={found} />}
    </>
  );
}

const boundsOf = ({ low, high, decimals }: MeasureDraft) => ({ low, high, decimals: Number(decimals) });
