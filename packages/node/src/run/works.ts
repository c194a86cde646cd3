// What a node works with that the simulation of two nodes puts others in the place of: SQLite, the line to the partner, threads, the
// reader of its data, the computation. All but the first are loaded when they are needed: most commands dial nobody and compute nothing.
import { openSqlite } from "../store/store.ts";
import type * as session from "./session-works.ts";

export interface Works {
  readonly openSqlite: typeof openSqlite;
  readonly connect: typeof session.connectTls;
  readonly openThreads: typeof session.openThreads;
  readonly closeThreads: typeof session.closeThreads;
  readonly prepare: typeof session.prepareDataset;
  readonly runSession: (
    ...args: [link: Parameters<typeof session.runSession>[0], input: Parameters<typeof session.runSession>[1]]
  ) => ReturnType<typeof session.runSession>;
}

const sessionWorks = () => import("./session-works.ts");

export const WORKS: Works = {
  openSqlite,
  connect: async (options) => (await sessionWorks()).connectTls(options),
  openThreads: async (count) => (await sessionWorks()).openThreads(count),
  closeThreads: async (threads) => (await sessionWorks()).closeThreads(threads),
  prepare: async (job) => (await sessionWorks()).prepareDataset(job),
  runSession: async (link, input) => (await sessionWorks()).runSession(link, input),
};
