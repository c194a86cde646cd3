// One bit flipped in each field of every message, at nine places along the field.
import { describe } from "vitest";
import { testFlips } from "./flips.ts";
import { SENT, SENT_SILENTLY } from "./small-session.ts";

describe.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("a flipped bit, %i eighths into the field", (eighths) => {
  testFlips([...SENT, ...SENT_SILENTLY], () => eighths / 8);
});
