// The receipt of a session, which both sides signed.
import { useState } from "preact/hooks";
import { useHouse } from "../house.ts";
import { Button, Page, Panel, Tag } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Problem } from "../parts/problem.tsx";
import { Table } from "../parts/table.tsx";
import { saveFile } from "../save-file.ts";
import { useAct, useLoaded } from "../use.ts";
import { sentence, short } from "../words/text.ts";

const VERDICTS = {
  same: ["good", "the same"],
  other: ["bad", "another"],
  unknown: ["plain", "cannot be told"],
} as const;

/** Its lines without the breaks that fit a sentence into a terminal: the page breaks them where it ends itself. */
const unwrapped = (text: string): string[] => text.replace(/\n {2}(?=\S)/g, " ").split("\n");

export function ReceiptPage({ id }: { readonly id: string }) {
  const { client, announce } = useHouse();
  const loaded = useLoaded(() => client.showReceipt({ id }), [id]);
  const [check, setCheck] = useState<Awaited<ReturnType<typeof client.checkReceipt>> | undefined>(undefined);
  const act = useAct();
  const opening = useAct();
  const open = () =>
    opening.run(
      () => client.showOpenings({ id }),
      (found) => saveFile(`openings-${id.slice(0, 12)}.json`, JSON.stringify(found), "application/json"),
    );
  return (
    <Page
      title="Receipt"
      lead={loaded.data && <>Of session {short(loaded.data.session)}, signed by both sides.</>}
      actions={
        loaded.data && (
          <>
            <Button
              onClick={() =>
                saveFile(`receipt-${id.slice(0, 12)}.json`, loaded.data!.json, "application/json")
              }
            >
              Save as signed
            </Button>
            <Button onClick={open} isBusy={opening.isBusy}>
              Save what opens it
            </Button>
          </>
        )
      }
    >
      <Problem error={opening.error} />
      <Shown loaded={loaded} lines={14}>
        {({ text }) => (
          <>
            <Panel heading="What was signed">
              <pre>{unwrapped(text).map(sentence).join("\n")}</pre>
            </Panel>
            <Panel heading="Does it hold today?">
              <div class="stack">
                <p>
                  Holds today's data, the kept filter and the stored report against what this node committed
                  to. What opens these commitments is for a third party alone, who may know the filter.
                </p>
                {check !== undefined && (
                  <Table
                    caption="The receipt against today"
                    keyOf={([what]) => what}
                    rows={[
                      ["The data", check.data] as const,
                      ["The filter", check.filter] as const,
                      ["The report", check.report] as const,
                    ]}
                    columns={[
                      { head: "", cell: ([what]) => what },
                      {
                        head: "Is",
                        cell: ([, verdict]) => <Tag kind={VERDICTS[verdict][0]}>{VERDICTS[verdict][1]}</Tag>,
                      },
                    ]}
                  />
                )}
                <Problem error={act.error} />
                <div>
                  <Button
                    isBusy={act.isBusy}
                    onClick={() =>
                      act.run(
                        () => client.checkReceipt({ id }),
                        (found) => {
                          setCheck(found);
                          announce("The receipt is checked.");
                        },
                      )
                    }
                  >
                    {act.isBusy ? "Reading…" : "Check"}
                  </Button>
                </div>
              </div>
            </Panel>
          </>
        )}
      </Shown>
    </Page>
  );
}
