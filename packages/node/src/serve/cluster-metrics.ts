// What an operator watches of a node on several machines: blocks, which are of the stage `pseudonymise`, and shards, of `match` and after.
import { Counter, Gauge, type Registry } from "prom-client";
import type { BlockWatch, Cluster } from "../cluster/cluster.ts";
import { SHARD } from "../cluster/shard-jobs.ts";

const stageOf = (kind: string) => (kind === SHARD ? "match" : "pseudonymise");

/** Adds the metrics of a cluster to a registry; `cluster` is asked once it is open. Returns what is told of blocks. */
export function clusterMetrics(registry: Registry, cluster: () => Cluster | undefined): BlockWatch {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `halfroom_cluster_${name}`, help, labelNames, registers });
  const blocks = counter("blocks_total", "Blocks and shards that workers computed.", ["kind", "worker"]);
  const attempts = counter("attempts_total", "Starts of these by workers.", ["kind"]);
  const seconds = counter("seconds_total", "Seconds that workers took.", ["stage", "kind", "worker"]);
  const bytes = counter("bytes_total", "Bytes through the share.", ["kind", "direction"]);
  const passed = counter("stream_bytes_total", "Bytes of workers' streams that were passed on.", [
    "to",
    "as",
  ]);
  const streams = counter("shard_streams_total", "Shards of workers, by what carried their frames.", [
    "stream",
  ]);
  const returned = counter(
    "returned_total",
    "Blocks and shards that came back to the leader or were lost, by reason.",
    ["kind", "why"],
  );
  const uses = counter("share_uses_total", "Uses of the share by this process.", ["operation", "outcome"]);
  const waited = counter("share_seconds_total", "Seconds that they took.", ["operation"]);
  new Gauge({
    name: "halfroom_cluster_jobs",
    help: "Jobs in the queue.",
    labelNames: ["kind", "state"] as const,
    registers,
    async collect() {
      this.reset();
      const jobs = await cluster()?.jobs();
      for (const { kind, state, count } of jobs?.counts ?? []) this.set({ kind, state }, count);
    },
  });
  new Gauge({
    name: "halfroom_cluster_threads",
    help: "Threads of the workers that are there.",
    registers,
    collect() {
      this.set(cluster()?.threads ?? 0);
    },
  });
  const nameOf = (id: string) =>
    cluster()
      ?.workers()
      .find((worker) => worker.id === id)?.name ?? "removed";
  return {
    done({ kind, worker: id, seconds: taken, attempt, apart, bytes: { input, result } }) {
      const worker = nameOf(id);
      blocks.inc({ kind, worker });
      attempts.inc({ kind }, attempt);
      seconds.inc({ stage: stageOf(kind), kind, worker }, taken);
      bytes.inc({ kind, direction: "input" }, input);
      bytes.inc({ kind, direction: "result" }, result);
      if (kind === SHARD) streams.inc({ stream: apart === true ? "own" : "session" });
    },
    passed: (to, as, count) => passed.inc({ to, as }, count),
    returned: (kind, why) => returned.inc({ kind, why }),
    shared(operation, taken, outcome) {
      uses.inc({ operation, outcome });
      waited.inc({ operation }, taken);
    },
  };
}
