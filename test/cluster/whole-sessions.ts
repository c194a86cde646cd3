// What tests of whole sessions between two companies have in common.
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import type { TestStore } from "../../packages/prepare/test/object-store.ts";
import { Prepared, type Companies, type Company } from "./company.ts";

/** Two companies that have met, for each test that asks. Called once by a file of tests. */
export function preparedCompanies(): (store?: TestStore) => Promise<Companies> {
  let prepared: Prepared;
  beforeAll(async () => {
    prepared = await Prepared.make();
  });
  afterAll(() => prepared.remove());
  return async (store) => {
    const both = await prepared.companies(store);
    onTestFinished(() => both.close());
    return both;
  };
}

export interface Status {
  readonly share: string;
  readonly shardStreams: string;
  readonly workersDial: string;
  readonly workers: {
    readonly name: string;
    readonly connected?: { readonly threads: number };
    readonly lately: { readonly blocks: number; readonly ownStreams: number };
  }[];
  readonly jobs: { readonly count: number }[];
}
export const statusOf = async ({ site }: Company): Promise<Status> =>
  JSON.parse(await site.ok("cluster", "--json"));

const PATIENT = { timeout: 120_000, interval: 500 };

/** The company is told of its workers, none of which has anything left to do, and its share holds nothing of the session. */
export async function expectOver(company: Company, names: readonly string[]): Promise<Status["workers"]> {
  const { share, workers } = await statusOf(company);
  expect(share).toBe(company.share);
  expect(workers.map(({ name, connected }) => [name, connected?.threads])).toEqual(
    names.map((name) => [name, 1]),
  );
  // A machine may still work on what its leader has taken back.
  const left = async () => (await statusOf(company)).jobs.filter((job) => job.count > 0);
  await expect.poll(left, PATIENT).toEqual([]);
  await expect.poll(() => company.sessionsInShare(), PATIENT).toEqual([]);
  return workers;
}
