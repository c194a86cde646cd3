import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

const TYPESCRIPT = new URL("tools/typescript.js", import.meta.url).href;
const SLOW = ["test/**/*.slow.test.ts", "packages/*/test/**/*.slow.test.ts"];
/** Tests that talk to a real PostgreSQL, which their project starts: `npm run test:database`. */
const DATABASE = "packages/*/test/**/*.database.test.ts";
/** The same people through every source and two nodes, PostgreSQL among them: `npm run test:sources`. */
const SOURCES = "test/**/*.database.test.ts";
/** Everyday situations that need a database: `npm run cases`. */
const CASES = "test/cases/*.database.test.ts";
/** Tests that open pages in Chromium: `npm run test:browser`. */
const BROWSER = "packages/*/test/**/*.browser.test.ts";
/** Spawned commands run compiled code, which is up to date from here on; worker threads load the sources. */
const compiled = { globalSetup: ["tools/prepare.js"], execArgv: ["--import", TYPESCRIPT] };
/** Tests that put other code in a module's place, which needs modules of their own. */
const ISOLATED = "packages/*/test/**/*.isolated.test.ts";
/** The package, built, packed and installed: `npm run test:package`. */
const PACKAGE = "test/package/**/*.test.ts";
/** Loading the sources anew for every file would take as long as half of the tests. */
const shared = { ...compiled, isolate: false };
const unit = { ...shared, testTimeout: 120_000, hookTimeout: 120_000 };
const system = { ...shared, testTimeout: 600_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    // Vitest leaves one core free by default, which is half of a small machine.
    maxWorkers: Math.max(1, availableParallelism()),
    projects: [
      {
        test: {
          ...unit,
          name: "unit",
          include: ["packages/*/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...SLOW, ISOLATED, DATABASE, BROWSER],
        },
      },
      {
        test: {
          ...system,
          name: "database",
          include: [DATABASE, CASES],
          globalSetup: [...compiled.globalSetup, "test/database/postgres.ts"],
        },
      },
      {
        test: {
          ...system,
          name: "sources",
          include: [SOURCES],
          exclude: [...configDefaults.exclude, CASES],
          globalSetup: [...compiled.globalSetup, "test/database/postgres.ts"],
        },
      },
      { test: { ...unit, name: "isolated", include: [ISOLATED], isolate: true } },
      { test: { ...unit, name: "browser", include: [BROWSER] } },
      {
        test: {
          ...system,
          name: "system",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...SLOW, SOURCES, PACKAGE],
        },
      },
      { test: { ...system, name: "package", include: [PACKAGE] } },
      // More of the same, for minutes: `npm run test:slow`, and no part of `npm test`.
      { test: { ...system, name: "slow", include: SLOW } },
    ],
  },
});
