// What a change of a policy changes, and the two acts that need to be meant: saving a looser one, and removing it.
import type { ComponentChildren } from "preact";
import type { Policy } from "../answers.ts";
import { sentence } from "../words/text.ts";
import type { PolicyChange, Sense } from "../words/policy-draft.ts";
import { AskAgain } from "./ask-again.tsx";
import { Button, Empty, Panel, Tag } from "./basics.tsx";
import { Table } from "./table.tsx";

const KIND_OF: Readonly<Record<Sense, "warn" | "good">> = { looser: "warn", stricter: "good" };

/** What is asked once more before it is done. */
export type Asked = "save" | "remove" | undefined;

export const isLooser = (changes: readonly PolicyChange[]): boolean =>
  changes.some(({ sense }) => sense === "looser");

/** Its button saves the form around it. */
export function PolicyChanges({
  policy,
  changes,
  asked,
  onAsked,
  isBusy,
  problem,
  onSave,
  onRemove,
}: {
  /** As it is; undefined for a new one. */
  readonly policy: Policy | undefined;
  readonly changes: readonly PolicyChange[];
  readonly asked: Asked;
  readonly onAsked: (asked: Asked) => void;
  readonly isBusy: boolean;
  readonly problem: ComponentChildren;
  readonly onSave: () => void;
  readonly onRemove: () => void;
}) {
  const looser = changes.filter(({ sense }) => sense === "looser").map(({ what }) => what);
  const sure = (act: () => void) => () => {
    onAsked(undefined);
    act();
  };
  const acts = (
    <div class="actions">
      <Button kind="main" type="submit" isBusy={isBusy}>
        Save it
      </Button>
      {policy !== undefined && (
        <Button kind="danger" isBusy={isBusy} onClick={() => onAsked("remove")}>
          Remove the policy
        </Button>
      )}
    </div>
  );
  return (
    <Panel heading="What changes">
      <div class="stack">
        <div aria-live="polite">
          {changes.length === 0 ? (
            <Empty>
              {policy === undefined
                ? "Nothing is set: the defaults would hold, and a person decides."
                : "Nothing yet."}
            </Empty>
          ) : (
            <Table
              caption="What changes"
              keyOf={({ what }) => what}
              rows={changes}
              columns={[
                {
                  head: "Field",
                  cell: ({ what, sense }) => (
                    <>
                      {what}
                      {sense !== undefined && (
                        <>
                          <br />
                          <Tag kind={KIND_OF[sense]}>{sense}</Tag>
                        </>
                      )}
                    </>
                  ),
                },
                { head: "From", cell: ({ before }) => <del>{sentence(before)}</del> },
                { head: "To", cell: ({ now }) => <ins>{sentence(now)}</ins> },
              ]}
            />
          )}
        </div>
        {problem}
        {asked === undefined && acts}
        {asked === "save" && (
          <AskAgain
            question={`The partner may do more than before: ${looser.join(", ")}. Save it all the same?`}
            yes="Save the looser policy"
            onYes={sure(onSave)}
            onNo={() => onAsked(undefined)}
          />
        )}
        {asked === "remove" && (
          <AskAgain
            question="Remove this policy? The partner's proposals over this dataset then wait for a person, and nothing exact is allowed."
            yes="Remove it"
            onYes={sure(onRemove)}
            onNo={() => onAsked(undefined)}
          />
        )}
      </div>
    </Panel>
  );
}
