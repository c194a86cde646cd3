// A side's site in a test: the test's keys, and whatever else the test decides.
import type { Role } from "@halfroom/mpc";
import { acceptingSite } from "@halfroom/testkit";
import type { Site } from "../src/site.ts";

/** Accepts everything and keeps nothing, except for `changes`. */
export function siteOf(role: Role, changes: Partial<Site> = {}): Site {
  return { ...acceptingSite(role), ...changes };
}
