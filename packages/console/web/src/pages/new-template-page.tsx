// A new template: one that comes with the program or the YAML of one's own, what it would allow, and its publication.
import { useState } from "preact/hooks";
import type { TemplateDraft } from "../answers.ts";
import { useHouse } from "../house.ts";
import { Button, Empty, Page, Panel, Sentences } from "../parts/basics.tsx";
import { Form, Select, TextArea } from "../parts/fields.tsx";
import { LearnedByEach } from "../parts/learned.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { goTo, link, useUnsaved } from "../router.ts";
import { useAct, useLoaded } from "../use.ts";
import { name, sentence } from "../words/text.ts";

export function NewTemplatePage() {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const [kinds, partners] = await Promise.all([client.listTemplateKinds(), client.listPartners()]);
    return { kinds, partners: partners.map((partner) => partner.name) };
  }, []);
  return (
    <Page
      title="New template"
      lead="What is published may be run by the partner without anybody here being asked, as often as it says and until its last day."
    >
      <Shown loaded={loaded} lines={14}>
        {({ kinds, partners }) =>
          partners.length === 0 ? (
            <Panel heading="Not yet">
              <Empty>
                A template is for a partner. <a href={link("partners")}>Partners</a>
              </Empty>
            </Panel>
          ) : (
            <TemplateForm kinds={kinds} partners={partners} />
          )
        }
      </Shown>
    </Page>
  );
}

function TemplateForm({
  kinds,
  partners,
}: {
  readonly kinds: readonly { readonly kind: string; readonly description: string }[];
  readonly partners: readonly string[];
}) {
  const { client, announce } = useHouse();
  const act = useAct();
  const [kind, setKind] = useState("");
  const [partner, setPartner] = useState(partners[0]!);
  const [yaml, setYaml] = useState("");
  const [isOwn, setIsOwn] = useState(false);
  const [draft, setDraft] = useState<TemplateDraft | undefined>(undefined);
  const leave = useUnsaved(isOwn ? "Leave the template? What you have written is lost." : undefined);
  const write = (text: string) => {
    setYaml(text);
    setDraft(undefined);
    act.forget();
  };
  const begin = (chosen: string) => {
    setKind(chosen);
    if (chosen !== "") act.run(() => client.newTemplate({ id: chosen }), write);
  };
  const check = () => act.run(() => client.checkTemplate({ yaml, partner }), setDraft);
  const publish = () =>
    act.run(
      () => client.publishTemplate({ yaml, partner }),
      ({ id, state }) => {
        leave();
        announce(state === "valid" ? "The template is published." : "The template waits for another person.");
        goTo("templates", id);
      },
    );
  return (
    <Form class="with-preview" onSubmit={check}>
      <Panel heading="The template">
        <div class="grid">
          <Select
            label="Begin with"
            hint={sentence(
              kinds.find((each) => each.kind === kind)?.description ?? "One to be edited, or write your own.",
            )}
            value={kind}
            onValue={begin}
            choices={[["", "nothing"], ...kinds.map((each) => [each.kind, each.kind] as const)]}
          />
          <Select
            label="Publish to"
            value={partner}
            onValue={(value) => {
              setPartner(value);
              setDraft(undefined);
            }}
            choices={partners.map((each) => [each, name(each)])}
          />
          <div class="wide">
            <TextArea
              label="Template"
              hint="YAML. Names of datasets and columns are to be those of both sides; a higher version takes the place of the one before."
              rows={24}
              spellcheck={false}
              value={yaml}
              onValue={(text) => {
                setIsOwn(true);
                write(text);
              }}
            />
          </div>
        </div>
      </Panel>
      <div class="sticky">
        <Panel heading="Before you publish it">
          <div class="stack" aria-live="polite">
            <Problem error={act.error} />
            {draft === undefined ? (
              <Empty>Look at what it would allow; nothing is signed by that.</Empty>
            ) : (
              <Allows draft={draft} />
            )}
            <div class="actions">
              <Button type="submit" isBusy={act.isBusy} disabled={yaml.trim() === ""}>
                What would it allow?
              </Button>
              {draft !== undefined && (
                <Button kind="main" onClick={publish} isBusy={act.isBusy}>
                  Publish it
                </Button>
              )}
            </div>
          </div>
        </Panel>
      </div>
    </Form>
  );
}

function Allows({ draft }: { readonly draft: TemplateDraft }) {
  return (
    <>
      <Sentences items={draft.words} />
      <LearnedByEach of={draft} from=" from a run" />
    </>
  );
}
