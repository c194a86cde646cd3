// How the node is: its findings, what it is, what ends soon, its workers.
import { ProblemError } from "@halfroom/console/client";
import { useHouse } from "../house.ts";
import { Button, Empty, Facts, Page, Panel, Tag } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { useLoaded } from "../use.ts";
import { counted, grouped, moment, name, names, number, sentence, short, span } from "../words/text.ts";

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
                { head: "State", cell: ({ state }) => <Tag kind={KIND_OF[state]}>{state}</Tag> },
                { head: "Words", cell: ({ words }) => sentence(words) },
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
      {may("listTokens") && <Tokens />}
      {may("showCluster") && <Cluster />}
    </Page>
  );
}

const ORDER = ["fault", "warning", "ok"];
const KIND_OF = { ok: "good", warning: "warn", fault: "bad" } as const;

/** Of those that hold, which end soon. */
const SOON_MS = 14 * 86_400_000;

function Tokens() {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.listTokens(), []);
  return (
    <Panel heading="Tokens">
      <Shown loaded={loaded}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty>None was made.</Empty>
          ) : (
            <Table
              caption="Tokens"
              keyOf={(token) => token.name}
              rows={tokens.toSorted((a, b) => a.expiresAt - b.expiresAt)}
              columns={[
                { head: "Token", cell: (token) => name(token.name) },
                { head: "Role", cell: ({ role }) => role },
                {
                  head: "State",
                  cell: ({ state }) => <Tag kind={state === "valid" ? "good" : "plain"}>{state}</Tag>,
                },
                {
                  head: "Ends",
                  cell: ({ state, expiresAt }) =>
                    state === "valid" && expiresAt - Date.now() < SOON_MS ? (
                      <Tag kind="warn">in {span(expiresAt - Date.now())}</Tag>
                    ) : (
                      <time class="nowrap">{moment(expiresAt)}</time>
                    ),
                },
              ]}
            />
          )
        }
      </Shown>
    </Panel>
  );
}

function Cluster() {
  const { client } = useHouse();
  const loaded = useLoaded(() => client.showCluster().catch(whyNone), []);
  return (
    <Panel heading="Workers">
      <Shown loaded={loaded}>
        {(cluster) =>
          typeof cluster === "string" ? (
            <Empty>{sentence(cluster)}</Empty>
          ) : (
            <div class="stack">
              <Facts
                entries={[
                  ["Blocks a minute", number(Math.round(cluster.blocksPerMinute))],
                  [
                    "Waiting since",
                    cluster.waitingSince === undefined ? "nothing waits" : moment(cluster.waitingSince),
                  ],
                  ["Strangers that asked", number(cluster.strangers)],
                  ...cluster.jobs.map(
                    ({ kind, state, count }) => [sentence(`${kind}, ${state}`), number(count)] as const,
                  ),
                ]}
              />
              <Table
                caption="Workers"
                keyOf={(worker) => worker.name}
                rows={cluster.workers}
                columns={[
                  { head: "Worker", cell: (worker) => name(worker.name) },
                  {
                    head: "State",
                    cell: ({ connected }) => (
                      <Tag kind={connected ? "good" : "warn"}>{connected ? "connected" : "away"}</Tag>
                    ),
                  },
                  {
                    head: "Threads",
                    isNumber: true,
                    cell: ({ connected }) => (connected ? number(connected.threads) : ""),
                  },
                  { head: "Lately", isNumber: true, cell: ({ lately }) => counted(lately.blocks, "block") },
                ]}
              />
            </div>
          )
        }
      </Shown>
    </Panel>
  );
}

/** A node that has none says so as a problem, with what to do about it. */
function whyNone(error: unknown): string {
  if (error instanceof ProblemError && error.problem.code === "cluster") return error.message;
  throw error;
}
