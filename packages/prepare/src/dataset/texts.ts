import { z } from "zod";

/** The schema of a text of 1 to `most` characters, with a remedy that says what it is. */
export function text(what: string, most: number) {
  const remedy = `Write ${what}, 1 to ${most} characters.`;
  return z.string(remedy).min(1, remedy).max(most, remedy);
}
