// A node on several machines: its workers and their jobs.
import { addWorker, groupedFingerprint, readCluster, removeWorker, type ClusterRecord } from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";

const COLUMNS = [
  "worker",
  "threads",
  "last seen",
  "blocks in 5 min",
  "seconds a block",
  "of these, shards with streams of their own",
] as const;

export async function clusterCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const cluster = await withNode(flags, readCluster);
  if (flags.json) sayJson(cluster);
  else print(cluster);
}

export async function clusterAddCommand(
  flags: HomeFlags & { request: string; name?: string | undefined },
): Promise<void> {
  const { name, fingerprint } = await withNode(flags, (node) => addWorker(node, flags));
  say(`Added ${name}. Its fingerprint, which the worker has shown too if this is its request:`);
  say(groupedFingerprint(fingerprint));
}

export async function clusterRemoveCommand(flags: HomeFlags & { name: string }): Promise<void> {
  await withNode(flags, (node) => removeWorker(node, flags.name));
  say(
    `Removed ${flags.name}; it is given no further key. Stop it, and change the password of Redis if it had one.`,
  );
}

function print({
  redis,
  share,
  shardStreams,
  workersDial,
  workers,
  strangers,
  jobs,
  blocksPerMinute,
  waitingSince,
}: ClusterRecord): void {
  say(`Redis at ${redis}, share ${share}`);
  say(streamWords(shardStreams, workersDial));
  const rows = workers.map(({ name, connected, lately: { blocks, seconds, ownStreams } }) => [
    name,
    connected === undefined ? "-" : String(connected.threads),
    connected === undefined ? "not connected" : `${secondsSince(connected.lastSeenAt)} s ago`,
    String(blocks),
    blocks === 0 ? "-" : (seconds / blocks).toFixed(2),
    String(ownStreams),
  ]);
  if (rows.length === 0) say("No worker has been added yet; halfroom cluster add takes a worker's request.");
  else say(drawList([...COLUMNS], rows));
  if (strangers > 0)
    say(`${strangers} more take jobs without having been added, and can do none: add or stop them.`);
  const queued = jobs.filter(({ count }) => count > 0);
  if (queued.length === 0) say("The queue is empty.");
  else
    say(
      drawList(
        ["job", "state", "count"],
        queued.map((each) => [each.kind, each.state, String(each.count)]),
      ),
    );
  say(`${blocksPerMinute.toFixed(1)} blocks a minute over the last five.`);
  if (waitingSince !== undefined) say(`The oldest job has waited for ${secondsSince(waitingSince)} s.`);
}

function streamWords(streams: ClusterRecord["shardStreams"], dial: ClusterRecord["workersDial"]): string {
  if (streams === "session")
    return "Shards go to partners over the session's connections, through this leader.";
  const way = dial === "leader" ? "which this leader dials for its workers" : "which workers dial themselves";
  return `Shards go to partners who agree over connections of their own, ${way} where this node proposes.`;
}

function secondsSince(at: number): number {
  return Math.max(0, Math.round((Date.now() - at) / 1000));
}
