// One template: of a partner, a form to run it; of ours, what it allows, and how it ends.
import { ProblemError } from "@halfroom/console/client";
import { useState } from "preact/hooks";
import type { TemplateContent } from "../answers.ts";
import { freshKey, useHouse } from "../house.ts";
import { AskAgain } from "../parts/ask-again.tsx";
import { Approvals } from "../parts/approvals.tsx";
import { Button, Facts, Page, Panel, Sentences } from "../parts/basics.tsx";
import { Form, TextArea } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { ParameterFields, usualOf, type Given } from "../parts/parameter-fields.tsx";
import { PreviewPanel, type Asked } from "../parts/preview.tsx";
import { Problem } from "../parts/problem.tsx";
import { goTo } from "../router.ts";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { KINDS } from "../words/reports.ts";
import { grouped, name, number, sentence } from "../words/text.ts";
import { runsOf, TemplateState } from "./templates-page.tsx";

export function TemplatePage({ id }: { readonly id: string }) {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const [template, datasets] = await Promise.all([client.showTemplate({ id }), client.listDatasets()]);
    return { template, datasets: datasets.map((dataset) => dataset.name) };
  }, [id]);
  const template = loaded.data?.template;
  return (
    <Page
      title={
        template === undefined ? "Template" : `${name(template.name)}, version ${number(template.version)}`
      }
      lead={template && sentence(template.description)}
      actions={template && <Actions template={template} onChange={loaded.reload} />}
    >
      <Shown loaded={loaded} lines={12}>
        {({ template: shown, datasets }) => (
          <>
            <Approvals approvals={shown.approvals} />
            {shown.owner === "partner" && shown.state === "valid" ? (
              <RunForm template={shown} datasets={datasets} />
            ) : (
              <Panel heading={shown.owner === "us" ? "What it allows" : "What it asks for"}>
                <Sentences items={shown.words} />
              </Panel>
            )}
            <About template={shown} />
          </>
        )}
      </Shown>
    </Page>
  );
}

function About({ template }: { readonly template: TemplateContent }) {
  const { owner, partner, report, at, expiresAt, signedBy, id, yaml } = template;
  return (
    <Panel heading="The template" aside={<TemplateState template={template} />}>
      <div class="stack">
        <Facts
          entries={[
            [owner === "us" ? "Published to" : "Published by", name(partner)],
            ["Report", KINDS[report]],
            ["In this state since", <Moment at={at} />],
            ["Until", <Moment at={expiresAt} />],
            ["Runs", runsOf(template)],
            [
              "Signed by the key",
              signedBy === undefined ? "None" : <code class="fingerprint">{grouped(signedBy)}</code>,
            ],
            ["Id", <code class="any">{sentence(id)}</code>],
          ]}
        />
        <pre class="yaml" tabIndex={0} aria-label="The template as YAML">
          {yaml
            .trimEnd()
            .split("\n")
            .map((line) => `${sentence(line)}\n`)}
        </pre>
      </div>
    </Panel>
  );
}

function Actions({
  template: { id, name: called, owner, state, approvals, partner },
  onChange,
}: {
  readonly template: TemplateContent;
  readonly onChange: () => void;
}) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  const [asks, setAsks] = useState(false);
  const then = (words: string) => () => {
    setAsks(false);
    announce(words);
    onChange();
  };
  const save = () =>
    act.run(
      () => client.exportTemplate({ id }),
      (file) => saveFile(`${called}.template.json`, `${file}\n`, "application/json"),
    );
  const isOurs = owner === "us";
  const isOpen = state === "valid" || state === "waiting";
  const end = () =>
    isOurs
      ? act.run(() => client.withdrawTemplate({ id }), then("The template is withdrawn."))
      : act.run(
          () => client.removeTemplate({ id }),
          () => goTo("templates"),
        );
  if (asks)
    return (
      <AskAgain
        question={
          isOurs
            ? `Withdraw it? ${name(partner)} cannot run it any more; a run that has not spent its budget yet ends.`
            : "Forget it? The partner's signed file brings it back."
        }
        yes={isOurs ? "Withdraw it" : "Forget it"}
        onYes={end}
        onNo={() => setAsks(false)}
      />
    );
  return (
    <>
      <Problem error={act.error} />
      {isOurs && state === "waiting" && approvals?.barred === undefined && may("approveTemplate") && (
        <Button
          kind="main"
          isBusy={act.isBusy}
          onClick={() => act.run(() => client.approveTemplate({ id }), then("The template is approved."))}
        >
          Approve it
        </Button>
      )}
      {isOurs && state === "valid" && (
        <Button onClick={save} isBusy={act.isBusy}>
          Save the signed file
        </Button>
      )}
      {isOpen && may(isOurs ? "withdrawTemplate" : "removeTemplate") && (
        <Button kind="danger" onClick={() => setAsks(true)}>
          {isOurs ? "Withdraw" : "Forget"}
        </Button>
      )}
    </>
  );
}

function RunForm({
  template,
  datasets,
}: {
  readonly template: TemplateContent;
  readonly datasets: readonly string[];
}) {
  const { client, may, announce } = useHouse();
  const act = useAct();
  const [given, setGiven] = useState<Given>(usualOf(template.parameters));
  const [where, setWhere] = useState("");
  const [error, setError] = useState<unknown>(undefined);
  const set = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== "")
      .map(([parameter, value]) => [parameter, typeof value === "string" ? value.trim() : [...value]]),
  );
  const run = { name: template.id, set, ...(where.trim() !== "" && { where: where.trim() }) };
  const request: Asked = { template: run, partner: template.partner };
  const isMissing = template.parameters.some(
    ({ name: called, type }) => type !== "columns" && given[called] === "",
  );
  const start = () =>
    act.run(
      async () => {
        await client.checkRequest(request);
        return await client.startRun(request, { idempotencyKey: freshKey() });
      },
      ({ id }) => {
        announce("The report is proposed.");
        goTo("runs", id);
      },
    );
  const faultOf = (parameter: string) => {
    const fault =
      error instanceof ProblemError && error.problem.code === "template" ? error.problem.problems : [];
    const found = fault?.find(({ field }) => field === parameter);
    return found && `It does not fit: ${sentence(found.fault)}. ${sentence(found.remedy)}.`;
  };
  return (
    <Form class="with-preview" onSubmit={start}>
      <div>
        <Panel heading="Its parameters">
          <ParameterFields
            parameters={template.parameters}
            datasets={datasets}
            given={given}
            faultOf={faultOf}
            onChange={setGiven}
          />
        </Panel>
        <Panel heading="Our own rows">
          <TextArea
            label="Only our rows where"
            hint="A condition over our own columns, in SQL; a parameter stands in it as $name. The partner never sees it."
            rows={1}
            spellcheck={false}
            value={where}
            onValue={setWhere}
          />
        </Panel>
      </div>
      <div class="sticky">
        <PreviewPanel
          request={request}
          isWhole={!isMissing}
          missing="Fill in the parameters: from then on they are checked as you write."
          onError={setError}
        />
        {may("startRun") && (
          <Panel heading="Run it">
            <div class="stack">
              <p class="hint">Within the ranges nobody at the partner is asked.</p>
              <Problem error={act.error} />
              <div class="actions">
                <Button kind="main" type="submit" isBusy={act.isBusy}>
                  Run it
                </Button>
              </div>
            </div>
          </Panel>
        )}
      </div>
    </Form>
  );
}
