// Labels of released cells on their way to the sender: what arrives is what was sent, or a typed error.
import { recvLabels, sendLabels } from "@halfroom/release";
import { runParties } from "@halfroom/testkit";
import { ProtocolError, sendBulk, type OpenChannel } from "@halfroom/wire";
import { describe, expect, test } from "vitest";

const LABEL_BYTES_MAX = 1024;

async function carry(labels: string[][], groupBy: number): Promise<string[][]> {
  const { sender } = await runParties(async (ch, role) => {
    if (role === "receiver") await sendLabels(ch, labels);
    return role === "sender" ? recvLabels(ch, labels.length, groupBy) : [];
  });
  return sender;
}

const HOSTILE = [
  "",
  " ",
  "\ufeffa byte order mark",
  "a\u0000b",
  "\u001b[31mred\u001b[0m",
  "\u202eright to left",
  "e\u0301 and \u00e9",
  "👩‍👩‍👧‍👦 𝔘",
  "\uffff\u{10ffff}",
  "line\r\nbreak",
  "ß".repeat(LABEL_BYTES_MAX / 2),
  "x".repeat(LABEL_BYTES_MAX),
  "__proto__",
];

describe("labels arrive as they were sent", () => {
  test("of no cell, with nothing on the wire but their size", async () => {
    expect(await carry([], 2)).toEqual([]);
  });

  test("whatever characters and lengths", async () => {
    const labels = HOSTILE.map((label, i) => [label, HOSTILE[(i * 5) % HOSTILE.length]!, String(i)]);
    expect(await carry(labels, 3)).toEqual(labels);
  });

  test("in more than one message", async () => {
    const labels = Array.from({ length: 1200 }, (_, i) => [`${i} ${"é".repeat(500)}`]);
    expect(await carry(labels, 1)).toEqual(labels);
  });
});

describe("labels that are too long are refused by their owner before any of them is sent", () => {
  const refusal = async (labels: string[][]) => {
    const sent: unknown[] = [];
    const ch = {
      send: async (message: unknown) => void sent.push(message),
      recv: () => Promise.reject(new Error("no")),
    };
    const error: unknown = await sendLabels(ch, labels).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, sent };
  };

  test.each([
    ["one byte", ["x".repeat(LABEL_BYTES_MAX + 1)]],
    ["two bytes in the last of many", [...HOSTILE, `${"ß".repeat(LABEL_BYTES_MAX / 2)}éé`]],
  ])("by %s", async (_, labels) => {
    const { error, sent } = await refusal(labels.map((label) => [label]));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: "refused" });
    expect(String(error)).not.toContain("x");
    expect(sent).toEqual([]);
  });

  test("together", async () => {
    const label = "y".repeat(LABEL_BYTES_MAX);
    const { error, sent } = await refusal(Array.from({ length: 65_536 }, () => [label]));
    expect(error).toMatchObject({ code: "refused" });
    expect(sent).toEqual([]);
  });
});

/** How `recvLabels` ends for 2 cells of 1 label each, if the partner does as `partner` says. */
async function ending(partner: (ch: OpenChannel) => Promise<void>, cells = 2): Promise<unknown> {
  let end: unknown;
  await runParties(async (ch, role) => {
    if (role === "receiver") return partner(ch);
    end = await recvLabels(ch, cells, 1).catch((error: unknown) => error);
  });
  return end;
}

/** Sends labels as given: each a length field and bytes. */
const raw = (...labels: [length: number, bytes: number[]][]) =>
  Buffer.concat(
    labels.map(([length, bytes]) => {
      const field = Buffer.alloc(4);
      field.writeUInt32LE(length);
      return Buffer.concat([field, Buffer.from(bytes)]);
    }),
  );
const sendRaw = (data: Uint8Array) => async (ch: OpenChannel) => {
  await ch.send({ type: "labelsSize", size: data.length });
  await sendBulk(ch, "labels", data);
};

describe("the sender refuses", () => {
  test.each([
    ["a size of nothing", 0],
    ["a size too small for that many labels", 7],
    ["a size that so few labels cannot have", 2 * (4 + LABEL_BYTES_MAX) + 1],
    ["the largest size on the wire", 1 << 26],
  ])("%s, without waiting for labels", async (_, size) => {
    const end = await ending(async (ch) => ch.send({ type: "labelsSize", size }));
    expect(end).toMatchObject({ code: "count", fromPartner: false });
  });

  test("any size but zero where no cell is released", async () => {
    expect(await ending((ch) => ch.send({ type: "labelsSize", size: 0 }), 0)).toEqual([]);
    const end = await ending((ch) => ch.send({ type: "labelsSize", size: 4 }), 0);
    expect(end).toMatchObject({ code: "count" });
  });

  const a = 0x61;
  test.each([
    ["a label that goes on behind the end", raw([1, [a]], [2, [a]])],
    ["a length that is no length", raw([1, [a]], [0xffffffff, [a]])],
    ["a label too long", raw([0, []], [LABEL_BYTES_MAX + 1, Array.from({ length: 1000 }, () => a)])],
    ["bytes behind the last label", raw([1, [a]], [1, [a, a]])],
    ["a length field cut off", Buffer.concat([raw([2, [a, a]]), Buffer.from([0, 0])])],
    ["an overlong encoding", raw([1, [a]], [2, [0xc0, 0x80]])],
    ["a surrogate", raw([1, [a]], [3, [0xed, 0xa0, 0x80]])],
    ["a character cut off between two labels", raw([1, [0xc3]], [1, [0xa9]])],
    ["a byte that UTF-8 never has", raw([1, [a]], [1, [0xff]])],
  ])("%s as malformed", async (_, data) => {
    expect(await ending(sendRaw(data))).toMatchObject({ code: "malformed", fromPartner: false });
  });
});
