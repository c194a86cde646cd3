import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";
import { compiledThreads } from "./tools/compiled-threads.js";
import { LongFilesFirst } from "./tools/long-files-first.js";

const SLOW = ["test/**/*.slow.test.ts", "packages/*/test/**/*.slow.test.ts"];
/** Tests that talk to real databases, which their project starts: `npm run test:database`. */
const DATABASE = "packages/*/test/**/*.database.test.ts";
/** The same people through every source and two nodes: `npm run test:sources`. */
const SOURCES = "test/**/*.database.test.ts";
/** Everyday situations that need a database: `npm run cases`. */
const CASES = "test/cases/*.database.test.ts";
const SERVERS = ["test/database/postgres.ts", "test/database/mariadb.ts"];
/** Tests that open pages in Chromium: `npm run test:browser`. */
const BROWSER = "packages/*/test/**/*.browser.test.ts";
/** Spawned commands and worker threads run compiled code, which is up to date from here on. */
const compiled = { globalSetup: ["tools/prepare.js"] };
const plugins = [compiledThreads()];
/** Tests that put other code in a module's place, which needs modules of their own. */
const ISOLATED = "packages/*/test/**/*.isolated.test.ts";
/** The package, built, packed and installed: `npm run test:package`. */
const PACKAGE = "test/package/**/*.test.ts";
/** Workers on real Redis servers, which each test starts: `npm run test:workers`. */
const CLUSTER = ["packages/*/test/**/*.cluster.test.ts", "test/**/*.cluster.test.ts"];
/** Loading the sources anew for every file would take as long as half of the tests. */
const shared = { ...compiled, isolate: false };
/** Of a test that hangs: no test fails because a machine is busy. */
const PATIENT_MS = 600_000;
const patient = { ...shared, testTimeout: PATIENT_MS, hookTimeout: PATIENT_MS };

export default defineConfig({
  test: {
    // Half of what tests do is waiting: for processes that they start, for a partner, for a disk.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongFilesFirst },
    projects: [
      {
        plugins,
        test: {
          ...patient,
          name: "tests",
          include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [
            ...configDefaults.exclude,
            ...SLOW,
            ISOLATED,
            DATABASE,
            SOURCES,
            BROWSER,
            ...CLUSTER,
            PACKAGE,
          ],
        },
      },
      {
        plugins,
        test: {
          ...patient,
          name: "database",
          include: [DATABASE, CASES],
          globalSetup: [...compiled.globalSetup, ...SERVERS],
        },
      },
      {
        plugins,
        test: {
          ...patient,
          name: "sources",
          include: [SOURCES],
          exclude: [...configDefaults.exclude, CASES],
          globalSetup: [...compiled.globalSetup, ...SERVERS],
        },
      },
      { plugins, test: { ...patient, name: "isolated", include: [ISOLATED], isolate: true } },
      { plugins, test: { ...patient, name: "programs", include: [BROWSER, ...CLUSTER] } },
      {
        plugins,
        test: {
          ...patient,
          name: "package",
          include: [PACKAGE],
          exclude: [...configDefaults.exclude, ...SLOW],
        },
      },
      // More of the same, for minutes: `npm run test:slow`, and no part of `npm test`.
      { plugins, test: { ...patient, name: "slow", include: SLOW } },
    ],
  },
});
