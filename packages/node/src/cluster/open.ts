// The cluster of a node that has one, opened by a process that runs sessions.
import type { NodeState } from "../node-state.ts";
import type { BlockWatch, Cluster } from "./cluster.ts";

/** Undefined without the settings `redis` and `share`: then this process computes alone. Errors: `cluster`. */
export async function openCluster(
  { settings, own, folder, store }: Pick<NodeState, "settings" | "own" | "folder" | "store">,
  onTrouble: (words: string) => void,
  watch?: BlockWatch,
): Promise<Cluster | undefined> {
  const { redis, share, workers_listen: workersListen, workers_address: workersAddress } = settings;
  const { leader_computes: leaderComputes, workers_dial: workersDial } = settings;
  if (redis === "") return undefined;
  // Loaded here alone: most nodes have no other machine.
  const { Cluster: opened } = await import("./cluster.ts");
  const options = {
    redis,
    share,
    nodeId: own.nodeId!,
    home: folder.path,
    store,
    leaderComputes,
    workersListen,
    workersAddress,
    workersDial,
    onTrouble,
  };
  return await opened.open(watch === undefined ? options : { ...options, watch });
}
