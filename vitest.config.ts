import { defineConfig } from "vitest/config";

/** Tests that talk to a real PostgreSQL, which their project starts. */
const DATABASE = "packages/*/test/**/*.database.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts"],
          exclude: [DATABASE],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "database",
          include: [DATABASE],
          globalSetup: "test/database/postgres.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: { name: "system", include: ["test/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 },
      },
    ],
  },
});
