// What the recorded sessions are made from. A change here or in the protocol asks for `npm run vectors`.
import { exactSums } from "@halfroom/testkit";
import { type Terms } from "@halfroom/session";

export interface VectorInput {
  /** The file's name without ".json". */
  readonly name: string;
  readonly senderCsv: string;
  readonly receiverCsv: string;
  readonly terms: Terms;
}

const lines = (...rows: string[]) => rows.map((row) => `${row}\n`).join("");

// 23 people of the sender, 30 of the receiver, 17 in common. Of "spring, 18-24" 6 of 11 match, of "spring, 25-34" 5 of 10
// (one of whom has no orders), of "autumn, 25-34" all 6, of "autumn, 45-54" none of 3.
const SENDER = lines(
  "email,amount,orders",
  ...Array.from({ length: 23 }, (_, i) => {
    return `Person${i}@Example.com,${i % 3 === 0 ? "-" : ""}${i}.25,${i % 7 === 0 ? 0 : i}`;
  }),
  " person3@example.com ,100,1",
  "nobody,1,1",
);
const strangers = (first: number, count: number, labels: string) =>
  Array.from({ length: count }, (_, i) => `person${first + i}@example.org,${labels}`);
const RECEIVER = lines(
  "email,campaign,age band",
  ...Array.from({ length: 6 }, (_, i) => `person${i}@example.com,spring,18-24`),
  ...Array.from({ length: 5 }, (_, i) => `PERSON${6 + i}@example.com,spring,25-34`),
  ...Array.from({ length: 6 }, (_, i) => `person${11 + i}@example.com,"autumn, late",25-34`),
  ...strangers(20, 3, '"autumn, late",45-54'),
  ...strangers(30, 5, "spring,18-24"),
  ...strangers(40, 5, "spring,25-34"),
);

export const INPUTS: readonly VectorInput[] = [
  {
    name: "two-measures-k4",
    senderCsv: SENDER,
    receiverCsv: RECEIVER,
    terms: exactSums({
      measures: [
        { name: "amount", low: -500n, high: 5000n, decimals: 2 },
        { name: "orders", low: 0n, high: 10n, decimals: 0 },
      ],
      groupBy: ["campaign", "age band"],
      threshold: 5,
      otK: 4,
    }),
  },
  {
    name: "people-alone-k8",
    senderCsv: SENDER,
    receiverCsv: RECEIVER,
    terms: exactSums({ measures: [], groupBy: ["campaign"], threshold: 4, otK: 8 }),
  },
  {
    name: "nothing-passes-k4",
    senderCsv: SENDER,
    receiverCsv: RECEIVER,
    terms: exactSums({
      measures: [{ name: "orders", low: 0n, high: 10n, decimals: 0 }],
      groupBy: ["age band"],
      threshold: 100,
      otK: 4,
    }),
  },
];
