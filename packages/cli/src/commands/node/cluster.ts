// A node on several machines: its workers and their jobs.
import { addWorker, groupedFingerprint, readCluster, removeWorker, type ClusterRecord } from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";

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
  workers,
  strangers,
  jobs,
  blocksPerMinute,
  waitingSince,
}: ClusterRecord): void {
  say(`Redis at ${redis}, share ${share}`);
  const rows = workers.map(({ name, connected, lately: { blocks, seconds } }) => [
    name,
    connected === undefined ? "-" : String(connected.threads),
    connected === undefined ? "not connected" : `${secondsSince(connected.lastSeenAt)} s ago`,
    String(blocks),
    blocks === 0 ? "-" : (seconds / blocks).toFixed(2),
  ]);
  if (rows.length === 0) say("No worker has been added yet; halfroom cluster add takes a worker's request.");
  else say(drawList(["worker", "threads", "last seen", "blocks in 5 min", "seconds a block"], rows));
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

function secondsSince(at: number): number {
  return Math.max(0, Math.round((Date.now() - at) / 1000));
}
