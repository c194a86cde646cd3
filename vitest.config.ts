import { configDefaults, defineConfig } from "vitest/config";

const SLOW = "test/**/*.slow.test.ts";
const system = { testTimeout: 600_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...system,
          name: "system",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, SLOW],
        },
      },
      // More of the same, for minutes: `npm run test:slow`, and no part of `npm test`.
      { test: { ...system, name: "slow", include: [SLOW] } },
    ],
  },
});
