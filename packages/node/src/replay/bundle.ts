// One side's half of a session in one file, for an agreed auditor and never for the partner: it has the side's data and secrets.
import { RecordStore } from "@halfroom/crypto";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import {
  encodedItems,
  readAgreement,
  sessionDataOf,
  type Agreement,
  type HeldData,
  type ReplaySide,
  type Role,
  type Terms,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";
import { digestReceiver, digestSender } from "../datasets/digest.ts";
import { OperatorError } from "../errors.ts";
import { packValue, unpackValue } from "./pack.ts";
import { bytes, recordSchema, secretsSchema } from "./shape.ts";

export interface Bundle {
  readonly agreement: Agreement;
  readonly role: Role;
  readonly side: ReplaySide;
}

const u8 = bytes();
const u32 = z.custom<Uint32Array<ArrayBuffer>>((value) => value instanceof Uint32Array);
const i64 = z.custom<BigInt64Array<ArrayBuffer>>((value) => value instanceof BigInt64Array);
const count = z
  .int()
  .min(0)
  .max(2 ** 32);
const labels = z.array(z.array(z.string()));

const senderPeople = z.object({
  people: count,
  measures: z.array(i64),
  peoplePayload: i64.optional(),
  categories: u32,
  categoryLabels: labels,
  events: z
    .object({ counts: u8, times: z.array(u32), values: z.array(z.array(i64)), lost: count })
    .optional(),
});

const receiverPeople = z.object({
  people: count,
  partitions: z
    .array(
      z.object({
        groupBy: z.array(z.string()),
        cells: u32,
        labels,
        base: u32,
        entries: z.array(u32).optional(),
        lostEntries: count.optional(),
      }),
    )
    .min(1),
  times: z.array(u32).optional(),
});

const bundleSchema = z
  .object({
    agreement: bytes(),
    signingKey: bytes(32),
    secrets: secretsSchema,
    items: z.object({ identifiers: z.object({ bytes: u8, offsets: u32 }), items: u32.optional() }),
    record: recordSchema,
  })
  .and(
    z.discriminatedUnion("role", [
      z.object({ role: z.literal("sender"), people: senderPeople }),
      z.object({ role: z.literal("receiver"), people: receiverPeople }),
    ]),
  );

/** Counts of rows are their owner's affair: of the data only what enters the session goes along. */
export function writeBundle({ agreement, role, side }: Bundle): Uint8Array {
  const { secrets, items, signingKey, record, data } = side;
  const people = data.role === "sender" ? senderPeople.parse(data.people) : receiverPeople.parse(data.people);
  return packValue({ agreement: agreement.bytes, role, signingKey, secrets, items, record, people });
}

/**
 * Its data has no digest yet (`digested`). Errors: `damaged`. Whether the data is the one that was committed to, the replay shows by the
 * side's statement.
 */
export function readBundle(text: Uint8Array): Bundle {
  const read = bundleSchema.safeParse(unpackValue(text));
  if (!read.success) throw damaged();
  const { agreement: agreed, role, people, items, secrets, signingKey, record } = read.data;
  const agreement = agreementIn(agreed);
  const counts = { rows: 0, people: people.people, filtered: 0, merged: 0, dropped: {}, examples: {} };
  assertWhole(agreement.content.terms, people, items);
  const digest = new Uint8Array(32);
  const data = { role, people: { ...people, ...counts, digest }, counts, digest } as unknown as HeldData;
  return { agreement, role, side: { secrets, data, items, signingKey, record } };
}

/** A half with the digest of its data. */
export async function digested({ agreement, side }: Bundle): Promise<ReplaySide> {
  const { data, items } = side;
  const { role, people: columns } = await sessionDataOf(data, agreement.content.terms);
  const whole = { ...columns, ...encodedItems(items) };
  const records = new RecordStore();
  const digest =
    role === "sender"
      ? await digestSender(whole as PreparedSender, records)
      : await digestReceiver(whole as PreparedReceiver, records);
  const people = { ...data.people, digest };
  return { ...side, data: { ...data, people, digest } as HeldData };
}

function agreementIn(bytes: Uint8Array): Agreement {
  try {
    return readAgreement(bytes);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw damaged();
    throw cause;
  }
}

/** Every column has an entry for each item, or the computation would stumble. Errors: `damaged`. */
function assertWhole(
  { match }: Pick<Terms, "match">,
  people: z.infer<typeof senderPeople> | z.infer<typeof receiverPeople>,
  { identifiers, items }: ReplaySide["items"],
): void {
  const each = 2 ** match.length - 1;
  const columns =
    "partitions" in people
      ? [
          ...people.partitions.flatMap(({ cells, entries = [] }) => [cells, ...entries]),
          ...(people.times ?? []),
        ]
      : [
          ...people.measures,
          people.categories,
          ...(people.peoplePayload ? [people.peoplePayload] : []),
          ...(people.events
            ? [people.events.counts, ...people.events.times, ...people.events.values.flat()]
            : []),
        ];
  const { offsets } = identifiers;
  const isWhole =
    columns.every(({ length }) => length === people.people * each) &&
    (items === undefined ? offsets.length - 1 : items.length) >= people.people * each &&
    offsets[0] === 0 &&
    offsets.every((end, i) => i === 0 || end >= offsets[i - 1]!) &&
    offsets.at(-1) === identifiers.bytes.length;
  if (!isWhole) throw damaged();
}

function damaged(): OperatorError {
  return new OperatorError("damaged", "The bundle is damaged, or was made by another version.");
}
