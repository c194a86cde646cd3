// Workers: machines of this node's owner that compute for it.
import { ProblemError } from "@halfroom/console/client";
import { useState } from "preact/hooks";
import { freshKey, useHouse } from "../house.ts";
import { useAct, useLoaded } from "../use.ts";
import { counted, grouped, name, number, sentence } from "../words/text.ts";
import { Button, Empty, Facts, Panel, Tag } from "./basics.tsx";
import { Form, TextField } from "./fields.tsx";
import { Shown } from "./loaded.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { Table } from "./table.tsx";

const STREAMS = {
  session: "the session's connections, through the leader",
  own: "connections of their own, where the partner agrees",
} as const;

export function Cluster() {
  const { client, may, announce } = useHouse();
  const loaded = useLoaded(() => client.showCluster().catch(whyNone), []);
  const act = useAct();
  const remove = (worker: string) =>
    act.run(
      () => client.removeWorker({ name: worker }),
      () => {
        announce("The worker is given no further key.");
        loaded.reload();
      },
    );
  return (
    <Panel heading="Workers">
      <Problem error={act.error} />
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
                    cluster.waitingSince === undefined ? (
                      "nothing waits"
                    ) : (
                      <Moment at={cluster.waitingSince} />
                    ),
                  ],
                  ["Shards go to partners over", STREAMS[cluster.shardStreams]],
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
                    head: "Fingerprint",
                    isMore: true,
                    cell: ({ fingerprint }) => <code>{grouped(fingerprint)}</code>,
                  },
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
                  {
                    head: "Lately",
                    isMore: true,
                    isNumber: true,
                    cell: ({ lately }) => counted(lately.blocks, "block"),
                  },
                  {
                    head: "Shards past the leader",
                    isMore: true,
                    isNumber: true,
                    cell: ({ lately }) => number(lately.ownStreams),
                  },
                  {
                    head: "",
                    cell: (worker) =>
                      may("removeWorker") && (
                        <Button kind="danger" isBusy={act.isBusy} onClick={() => remove(worker.name)}>
                          Remove<span class="sr"> {name(worker.name)}</span>
                        </Button>
                      ),
                  },
                ]}
              />
              {may("addWorker") && <AddWorker onAdded={loaded.reload} />}
            </div>
          )
        }
      </Shown>
    </Panel>
  );
}

function AddWorker({ onAdded }: { readonly onAdded: () => void }) {
  const { client, announce } = useHouse();
  const [request, setRequest] = useState("");
  const act = useAct();
  const add = () =>
    act.run(
      () => client.addWorker({ request: request.trim() }, { idempotencyKey: freshKey() }),
      () => {
        setRequest("");
        announce("The worker takes part.");
        onAdded();
      },
    );
  return (
    <Form class="stack" onSubmit={add}>
      <Problem error={act.error} />
      <div class="row">
        <TextField
          label="Request of another worker"
          hint="halfroom worker enrol prints it. Compare the fingerprint with the worker's afterwards."
          value={request}
          onValue={setRequest}
          maxLength={1024}
          required
        />
        <Button type="submit" isBusy={act.isBusy}>
          Let it take part
        </Button>
      </div>
    </Form>
  );
}

/** A node that has none says so as a problem, with what to do about it. */
function whyNone(error: unknown): string {
  if (error instanceof ProblemError && error.problem.code === "cluster") return error.message;
  throw error;
}
