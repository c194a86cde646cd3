// A side's owner in a test: the test's keys, and whatever else the test decides.
import { otherRole, type Role } from "@halfroom/mpc";
import { testIdentity } from "@halfroom/testkit";
import type { Site } from "../src/site.ts";

/** Accepts everything and keeps nothing, but for `changes`. */
export function siteOf(role: Role, changes: Partial<Site> = {}): Site {
  return {
    ...testIdentity(role),
    partnerKey: testIdentity(otherRole(role)).signingKey,
    filter: "",
    stored: [],
    accept: () => {},
    takeUp: () => {},
    takeBudget: () => {},
    ...changes,
  };
}
