// Small files of people whose join was worked out by hand.
import { writeCsv } from "./halfroom.ts";

/** The short form of a report over the files of `writePair`. */
export const REPORT = [
  "--match=email",
  "--measure=amount:-5:500:2",
  "--group-by=campaign",
  "--threshold=11",
  "--exact",
];
/** Flags for small sets. */
export const SMALL = ["--people-min=0", "--threads=1"];

/** `count` people named by number, from `first` on. */
export function people(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `person${first + i}@example.com`);
}

/**
 * 12 people of "spring", 11 of "autumn", 11 of "summer" (who spent nothing) and 10 of "winter" are shared, none of "empty".
 * 11 of the sender and 11 in each of the other cells are not.
 */
export function writePair(folder: string): { readonly sender: string; readonly receiver: string } {
  const sender = writeCsv(folder, "sender.csv", [
    ["email", "amount"],
    ...people(0, 12).map((email) => [email, "0.10"]),
    ...people(100, 11).map((email) => [email, "-9.00"]),
    ...people(200, 10).map((email) => [email, "1.00"]),
    ...people(300, 11).map((email) => [email, "0.00"]),
    ...people(1000, 11).map((email) => [email, "7.00"]),
    ["no address", "1.00"],
  ]);
  const receiver = writeCsv(folder, "receiver.csv", [
    ["email", "campaign"],
    ...people(0, 12).map((email) => [email.toUpperCase(), "spring"]),
    ...people(100, 11).map((email) => [` ${email}`, "autumn"]),
    ...people(200, 10).map((email) => [email, "winter"]),
    ...people(300, 11).map((email) => [email, "summer"]),
    ...["spring", "summer", "autumn", "winter"].flatMap((campaign, i) =>
      people(2000 + 100 * i, 11).map((email) => [email, campaign]),
    ),
    ...people(900, 20).map((email) => [email, "empty"]),
    ...people(0, 3).map((email) => [email, "winter"]),
  ]);
  return { sender, receiver };
}
