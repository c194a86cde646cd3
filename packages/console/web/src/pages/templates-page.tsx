// Templates: what partners may run here without asking, and what may be run of theirs.
import { useState } from "preact/hooks";
import type { Template } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Empty, Page, Panel, Tag } from "../parts/basics.tsx";
import { FileField, Form } from "../parts/fields.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Problem } from "../parts/problem.tsx";
import { Table } from "../parts/table.tsx";
import { goTo, link } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { KINDS } from "../words/reports.ts";
import { counted, name, number, sentence } from "../words/text.ts";

const STATES = {
  waiting: ["warn", "waits for people here"],
  valid: ["good", "holds"],
  withdrawn: ["plain", "withdrawn"],
  replaced: ["plain", "replaced"],
} as const;

export function TemplateState({ template: { state } }: { readonly template: Pick<Template, "state"> }) {
  const [kind, words] = STATES[state];
  return <Tag kind={kind}>{words}</Tag>;
}

export function TemplatesPage() {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.listTemplates(), []);
  return (
    <Page
      title="Templates"
      lead="Reports that a partner may run within agreed ranges, without anybody being asked each time."
      actions={
        may("publishTemplate") && (
          <a class="button main" href={link("templates", "new")}>
            New template
          </a>
        )
      }
    >
      <Shown loaded={loaded} lines={8}>
        {(all) => (
          <>
            <List
              heading="Of partners, to run from here"
              all={all.filter(({ owner }) => owner === "partner")}
            >
              No partner has published one to us yet, or none was taken in.
            </List>
            <List heading="Ours, for partners to run" all={all.filter(({ owner }) => owner === "us")}>
              None is published.
            </List>
          </>
        )}
      </Shown>
      {may("importTemplate") && <Import />}
    </Page>
  );
}

function List({
  heading,
  all,
  children,
}: {
  readonly heading: string;
  readonly all: readonly Template[];
  readonly children: string;
}) {
  return (
    <Panel heading={heading}>
      {all.length === 0 ? (
        <Empty>{children}</Empty>
      ) : (
        <Table
          caption={heading}
          keyOf={({ id }) => id}
          rows={all}
          columns={[
            {
              head: "Template",
              cell: ({ id, name: called, version, description }) => (
                <>
                  <a href={link("templates", id)}>
                    {name(called)}, version {number(version)}
                  </a>
                  <p class="hint any">{sentence(description)}</p>
                </>
              ),
            },
            { head: "Report", isMore: true, cell: ({ report }) => KINDS[report] },
            { head: "Partner", cell: ({ partner }) => name(partner) },
            { head: "State", cell: (template) => <TemplateState template={template} /> },
            { head: "Runs", isMore: true, cell: (template) => runsOf(template) },
            { head: "Until", cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
          ]}
        />
      )}
    </Panel>
  );
}

export function runsOf({ runs, days, used }: Template): string {
  const most = `${number(runs)} in ${counted(days, "day")}`;
  return used === undefined ? `up to ${most}` : `${number(used)} of ${most}`;
}

function Import() {
  const { client, announce } = useHouse();
  const act = useAct();
  const [file, setFile] = useState("");
  const take = () =>
    act.run(
      () => client.importTemplate({ file }),
      ({ id }) => {
        announce("The template is taken in.");
        goTo("templates", id);
      },
    );
  return (
    <Panel heading="Take in a partner's template">
      <Form class="stack" onSubmit={take}>
        <FileField
          label="Signed file"
          hint="As the partner's node has written it. Its signature is checked against the partner's key."
          accept=".json,application/json"
          onText={setFile}
        />
        <Problem error={act.error} />
        <div class="actions">
          <Button kind="main" type="submit" isBusy={act.isBusy} disabled={file === ""}>
            Take it in
          </Button>
        </div>
      </Form>
    </Panel>
  );
}
