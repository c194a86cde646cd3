// Two reports side by side, the earlier one first.
import { useHouse } from "../house.ts";
import { Empty, Facts, Page, Panel } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Moment } from "../parts/moment.tsx";
import { Table, type Column } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import {
  compare,
  isNumber,
  termDifferences,
  readDocument,
  type ComparedNumber,
  type ComparedRow,
  type ReportDocument,
} from "../words/compare.ts";
import { inQuotes, name, number, percent } from "../words/text.ts";

export function ComparePage({ ids }: { readonly ids: readonly [string, string] }) {
  const { client } = useHouse();
  const loaded = useLoaded(async () => {
    const documents = await Promise.all(ids.map(async (id) => readDocument(await client.showReport({ id }))));
    return documents.toSorted((a, b) => madeAt(a) - madeAt(b)) as [ReportDocument, ReportDocument];
  }, [...ids]);
  return (
    <Page
      title="Two reports compared"
      lead="Cells and numbers of both reports; a closed cell is under the threshold, or nearly all of it matches. Where there is noise, what is beyond that of both, by their 95 % intervals, is marked."
    >
      <Shown loaded={loaded} lines={10}>
        {([before, after]) => {
          const tables = compare(before, after);
          return (
            <>
              <div class="pair">
                <About heading="Before" document={before} />
                <About heading="After" document={after} />
              </div>
              <Terms before={before} after={after} />
              {tables.length === 0 && (
                <Panel heading="Nothing to compare">
                  <Empty>
                    The two have no list of columns in common. Choose two reports that group by the same
                    columns.
                  </Empty>
                </Panel>
              )}
              {tables.map(({ columns, numbers, rows }) => (
                <Panel
                  heading={columns.length === 0 ? "Everybody" : `By ${columns.map(inQuotes).join(" and ")}`}
                >
                  <Table
                    caption={columns.length === 0 ? "Everybody" : `By ${columns.map(inQuotes).join(" and ")}`}
                    keyOf={({ labels }) => JSON.stringify(labels)}
                    rows={rows}
                    columns={[
                      {
                        head: columns.map(name).join(", ") || "Cell",
                        cell: ({ labels }) => labels.map(name).join(", ") || "everybody",
                      },
                      ...numbers.flatMap((each, i) => columnsOf(each, i)),
                    ]}
                  />
                </Panel>
              ))}
            </>
          );
        }}
      </Shown>
    </Page>
  );
}

function Terms({ before, after }: { readonly before: ReportDocument; readonly after: ReportDocument }) {
  const found = termDifferences(before, after);
  if (found.length === 0) return null;
  return (
    <Panel heading="Terms that differ">
      <Table
        caption="Terms that differ"
        keyOf={({ what }) => what}
        rows={found}
        columns={[
          { head: "", cell: ({ what }) => what },
          { head: "Before", cell: (row) => row.before },
          { head: "After", cell: ({ now }) => <ins>{now}</ins> },
        ]}
      />
    </Panel>
  );
}

function columnsOf(each: string, i: number): Column<ComparedRow>[] {
  const of = ({ numbers }: ComparedRow) => numbers[i]!;
  return [
    { head: `${name(each)}, before`, isNumber: true, cell: (row) => shown(of(row).before) },
    { head: "after", isNumber: true, cell: (row) => shown(of(row).after) },
    { head: "change", isNumber: true, cell: (row) => <Change {...of(row)} /> },
  ];
}

function shown(released: ComparedNumber["before"]) {
  if (isNumber(released)) return number(released.value);
  const why = released === "nobody" ? "nobody of ours" : released === null ? "closed" : "closed, or nobody";
  return <span class="hint">{why}</span>;
}

function Change({ before, after, isClear }: ComparedNumber) {
  if (!isNumber(before) || !isNumber(after)) return <span class="hint">–</span>;
  if (before.value === after.value) return <span>0</span>;
  const difference = Math.round((after.value - before.value) * 1e9) / 1e9;
  const share =
    before.value > 0 ? ` (${difference < 0 ? "−" : "+"}${percent(Math.abs(difference) / before.value)})` : "";
  const words = `${difference < 0 ? "−" : "+"}${number(Math.abs(difference))}${share}`;
  return isClear ? <strong title="beyond the noise of both">{words}</strong> : <span>{words}</span>;
}

function About({
  heading,
  document: { origin, threshold },
}: {
  readonly heading: string;
  readonly document: ReportDocument;
}) {
  return (
    <Panel heading={heading} aside={origin && <a href={link("reports", origin.session)}>the report</a>}>
      <Facts
        entries={[
          ["Made", origin === undefined ? "unknown" : <Moment at={Date.parse(origin.made)} />],
          ["Partner", origin === undefined ? "unknown" : name(origin.partner)],
          ["Threshold", `${number(threshold)} people`],
        ]}
      />
    </Panel>
  );
}

const madeAt = ({ origin }: ReportDocument): number => (origin === undefined ? 0 : Date.parse(origin.made));
