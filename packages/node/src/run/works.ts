// What a node works with that the simulation of two nodes puts others in the place of: SQLite, the line to the partner, threads, the
// reader of its data, the computation.
import { closeThreads, openThreads, runSession } from "@halfroom/session";
import { connectTls } from "@halfroom/transport";
import { prepareDataset } from "../datasets/prepare-dataset.ts";
import { openSqlite } from "../store/store.ts";

export interface Works {
  readonly openSqlite: typeof openSqlite;
  readonly connect: typeof connectTls;
  readonly openThreads: typeof openThreads;
  readonly closeThreads: typeof closeThreads;
  readonly prepare: typeof prepareDataset;
  readonly runSession: (
    ...args: [link: Parameters<typeof runSession>[0], input: Parameters<typeof runSession>[1]]
  ) => ReturnType<typeof runSession>;
}

export const WORKS: Works = {
  openSqlite,
  connect: connectTls,
  openThreads,
  closeThreads,
  prepare: prepareDataset,
  runSession: (link, input) => runSession(link, input),
};
