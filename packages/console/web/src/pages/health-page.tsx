// How the node is: its findings, what it is, who is told of what happens, its workers.
import { useHouse } from "../house.ts";
import { Button, Facts, Page, Panel, Tag } from "../parts/basics.tsx";
import { Cluster } from "../parts/cluster.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { Told } from "../parts/told.tsx";
import { useLoaded } from "../use.ts";
import { grouped, name, names, sentence, short } from "../words/text.ts";

export function HealthPage() {
  const { client, may } = useHouse();
  const doctor = useLoaded(() => client.runDoctor(), []);
  const version = useLoaded(() => client.showVersion(), []);
  return (
    <Page title="Health" lead="Whatever would keep the node from working. Each partner is dialled for it.">
      <Panel heading="Findings" aside={<Button onClick={doctor.reload}>Look again</Button>}>
        <Shown loaded={doctor} lines={10}>
          {(findings) => (
            <Table
              caption="Findings"
              keyOf={({ what, words }) => `${what} ${words}`}
              rows={findings.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))}
              columns={[
                { head: "What", cell: ({ what }) => name(what) },
                {
                  head: "Finding",
                  cell: ({ state, words }) => (
                    <span class="any">
                      <Tag kind={KIND_OF[state]}>{state}</Tag> {sentence(words)}
                    </span>
                  ),
                },
              ]}
            />
          )}
        </Shown>
      </Panel>
      <Panel heading="This node">
        <Shown loaded={version}>
          {({ version: release, commit, kernel, protocols, fingerprint }) => (
            <Facts
              entries={[
                ["Version", name(release)],
                ["Commit", <code>{short(commit)}</code>],
                ["Arithmetic", name(kernel)],
                ["Protocols", names(protocols)],
                ["Fingerprint", <code class="fingerprint">{grouped(fingerprint)}</code>],
              ]}
            />
          )}
        </Shown>
      </Panel>
      {may("listTargets") && <Told />}
      {may("showCluster") && <Cluster />}
    </Page>
  );
}

const ORDER = ["fault", "warning", "ok"];
const KIND_OF = { ok: "good", warning: "warn", fault: "bad" } as const;
