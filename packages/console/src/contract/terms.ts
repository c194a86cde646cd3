// Parts of a report's terms.
import { z } from "zod";

/** How numbers leave the shares. */
export const releaseSchema = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("exact") }),
  z.object({
    mode: z.literal("noise"),
    mechanism: z.enum(["laplace", "gaussian"]),
    microEpsilon: z.int(),
    deltaExponent: z.int(),
    weights: z.object({ people: z.int(), measures: z.array(z.int()) }),
  }),
]);

/** When a report repeats. */
export const scheduleSchema = z.object({
  every: z.enum(["day", "week", "month"]),
  on: z.int(),
  at: z.string(),
  timezone: z.string(),
  from: z.string(),
  runs: z.int(),
  missed: z.enum(["late", "tell"]),
  lateSeconds: z.int(),
  numbers: z.int(),
});
