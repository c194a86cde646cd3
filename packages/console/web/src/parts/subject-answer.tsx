// What a node holds of people who ask, to read and to hand out.
import type { Subject } from "../answers.ts";
import { saveFile } from "../save-file.ts";
import { counted, name, names, number, short } from "../words/text.ts";
import { Button, Empty, Facts } from "./basics.tsx";
import { Table } from "./table.tsx";

export function SubjectAnswer({ subject }: { readonly subject: Subject }) {
  const { found, datasets, unreadable, suppressed, pseudonyms, seen, keptSessions } = subject;
  const rows = datasets.flatMap(({ dataset, by }) => by.map((each) => ({ dataset, ...each })));
  const save = () => saveFile("held.json", `${JSON.stringify(subject, undefined, 2)}\n`, "application/json");
  return (
    <div class="stack">
      <Facts
        entries={[
          [
            "Asked for",
            Object.entries(found)
              .map(([key, count]) => `${number(count)} by ${name(key)}`)
              .join(", "),
          ],
          ["On the list of opt-outs", suppressed === 0 ? "no" : counted(suppressed, "identifier")],
          ["Kept pseudonyms", heldWords(pseudonyms, "with")],
          ["Marked as seen, for reports of new people", heldWords(seen, "in series")],
          [
            "Sessions kept for a replay",
            keptSessions.length === 0 ? "none" : keptSessions.map(short).join(", "),
          ],
        ]}
      />
      {rows.length === 0 ? (
        <Empty>No dataset has a key by which they could be found.</Empty>
      ) : (
        <Table
          caption="Rows of datasets"
          keyOf={({ dataset, key }) => `${dataset} ${key}`}
          rows={rows}
          columns={[
            { head: "Dataset", cell: ({ dataset }) => name(dataset) },
            { head: "Key", cell: ({ key }) => name(key) },
            { head: "People", isNumber: true, cell: ({ people }) => number(people) },
            { head: "Rows", isNumber: true, cell: (row) => number(row.rows) },
            {
              head: "With a value in",
              isMore: true,
              cell: ({ columns }) => names(Object.keys(columns).filter((column) => columns[column]! > 0)),
            },
          ]}
        />
      )}
      {unreadable.length > 0 && (
        <p class="notice warn">Cannot be read now, and were not looked into: {names(unreadable)}.</p>
      )}
      <p class="hint">
        The values are in your own data: this node keeps none of them. Reports have numbers of cells alone,
        and say nothing of one person. The audit log has that somebody asked, and for how many identifiers.
      </p>
      {Object.values(found).some((count) => count > 0) && (
        <div>
          <Button onClick={save}>Save the answer as JSON</Button>
        </div>
      )}
    </div>
  );
}

function heldWords(held: Subject["pseudonyms"], where: string): string {
  const parts = Object.entries(held).map(([of, count]) => `${number(count)} ${where} ${name(of)}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}
