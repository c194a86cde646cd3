// What is said of a partner's clock.
import { expect, it } from "vitest";
import { clockWords } from "../src/partners/clocks.ts";
import { HOUR_MS } from "../src/time.ts";

it.each([
  [undefined, undefined],
  [HOUR_MS, undefined],
  [-HOUR_MS, undefined],
  [1.2 * HOUR_MS, "its clock is 1 hour ahead of this node's: set the one that is wrong"],
  [-26 * HOUR_MS, "its clock is 26 hours behind this node's: set the one that is wrong"],
  [72 * HOUR_MS, "its clock is 3 days ahead of this node's: set the one that is wrong"],
])("%d ms ahead", (aheadMs, words) => expect(clockWords(aheadMs)).toBe(words));
