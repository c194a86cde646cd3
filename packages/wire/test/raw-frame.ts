// A second encoder of frames, by hand: it keeps no bounds and writes the longer forms too.
import { MESSAGES } from "../src/index.ts";
import type { MessageType } from "../src/index.ts";

export type Value = number | string | Uint8Array;

const number = (head: number, size: number, value: number): Buffer => {
  const form = Buffer.alloc(1 + size);
  form[0] = head;
  if (size > 0) form.writeUIntBE(value, 1, size);
  return form;
};

/** uint 64 of a number below 2^48. */
const uint64 = (value: number): Buffer => {
  const form = Buffer.alloc(9);
  form[0] = 0xcf;
  form.writeUIntBE(value, 3, 6);
  return form;
};

/** All forms of msgpack that hold the number, the shortest first. */
function uintForms(value: number): Buffer[] {
  return [
    ...(value < 0x80 ? [number(value, 0, 0)] : []),
    ...(value < 0x100 ? [number(0xcc, 1, value)] : []),
    ...(value < 0x1_0000 ? [number(0xcd, 2, value)] : []),
    ...(value < 0x1_0000_0000 ? [number(0xce, 4, value)] : []),
    uint64(value),
  ];
}

function bytesForms(value: Uint8Array): Buffer[] {
  const { length } = value;
  const heads = [
    ...(length < 0x100 ? [number(0xc4, 1, length)] : []),
    ...(length < 0x1_0000 ? [number(0xc5, 2, length)] : []),
    number(0xc6, 4, length),
  ];
  return heads.map((head) => Buffer.concat([head, value]));
}

function textForms(value: string): Buffer[] {
  const text = Buffer.from(value, "utf8");
  const { length } = text;
  const heads = [
    ...(length < 0x20 ? [number(0xa0 + length, 0, 0)] : []),
    ...(length < 0x100 ? [number(0xd9, 1, length)] : []),
    ...(length < 0x1_0000 ? [number(0xda, 2, length)] : []),
    number(0xdb, 4, length),
  ];
  return heads.map((head) => Buffer.concat([head, text]));
}

function formsOf(value: Value): Buffer[] {
  if (typeof value === "number") return uintForms(value);
  return typeof value === "string" ? textForms(value) : bytesForms(value);
}

function arrayForms(count: number): Buffer[] {
  return [number(0x90 + count, 0, 0), number(0xdc, 2, count), number(0xdd, 4, count)];
}

/** The frame of a message with these fields, each value in its shortest form, whether within its bounds or not. */
export function rawFrame(sequence: number, type: MessageType, fields: readonly Value[]): Buffer {
  const values = [sequence, MESSAGES[type].number, ...fields];
  return Buffer.concat([number(0x90 + values.length, 0, 0), ...values.map((value) => formsOf(value)[0]!)]);
}

/** The same frame in every way in which exactly one of its parts, the array included, has a longer form. */
export function longerFrames(sequence: number, type: MessageType, fields: readonly Value[]): Buffer[] {
  const values = [sequence, MESSAGES[type].number, ...fields];
  const parts = [arrayForms(values.length), ...values.map(formsOf)];
  return parts.flatMap((forms, at) =>
    forms.slice(1).map((longer) => Buffer.concat(parts.map((others, i) => (i === at ? longer : others[0]!)))),
  );
}
