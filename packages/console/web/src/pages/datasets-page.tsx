// This node's datasets.
import { useHouse } from "../house.ts";
import { AddDataset } from "../parts/add-dataset.tsx";
import { Empty, Page, Panel } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { name, names } from "../words/text.ts";

export function DatasetsPage() {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.listDatasets(), []);
  return (
    <Page title="Datasets" lead="Our own sources of people. Rows never leave this node.">
      <Panel heading="Declared">
        <Shown loaded={loaded}>
          {(datasets) =>
            datasets.length === 0 ? (
              <Empty>
                None yet. The files or the database of one lie where the node's machine reaches them.
              </Empty>
            ) : (
              <Table
                caption="Datasets"
                keyOf={(dataset) => dataset.name}
                rows={datasets}
                columns={[
                  {
                    head: "Dataset",
                    cell: (dataset) => <a href={link("datasets", dataset.name)}>{name(dataset.name)}</a>,
                  },
                  { head: "Matched by", cell: ({ keys }) => names(keys) },
                  { head: "Columns", isMore: true, cell: ({ dimensions }) => names(dimensions) },
                  { head: "Measures", isMore: true, cell: ({ measures }) => names(measures) },
                  { head: "Population", isMore: true, cell: ({ population }) => name(population) },
                  { head: "Source", isMore: true, cell: ({ source }) => <code>{name(source)}</code> },
                ]}
              />
            )
          }
        </Shown>
      </Panel>
      {may("addDataset") && <AddDataset onAdded={loaded.reload} />}
    </Page>
  );
}
