import { expect, test } from "vitest";
import { lookAt } from "../src/sources/bytes.ts";
import { columnOf } from "../src/sources/columns.ts";
import { COMMA } from "../src/sources/csv-dialect.ts";
import { readCsv } from "../src/sources/csv-rows.ts";
import { InputError } from "../src/errors.ts";
import { scratchFiles } from "./scratch.ts";

const write = scratchFiles();

async function read(
  content: string | Uint8Array,
): Promise<{ header: string[]; rows: string[][]; numbers: number[] }> {
  const file = await write("input.csv", content);
  const result = { header: [] as string[], rows: [] as string[][], numbers: [] as number[] };
  const count = await readCsv(await lookAt({ path: file, name: file }, "utf-8"), COMMA, (header) => {
    result.header = [...header];
    return (fields, row) => {
      result.rows.push([...fields]);
      result.numbers.push(row);
    };
  });
  expect(count).toBe(result.rows.length);
  return result;
}

async function failureOf(content: string | Uint8Array): Promise<InputError> {
  const error = await read(content).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}

const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));

test.each([
  ["LF", "a,b\n1,2\n3,4\n"],
  ["CRLF", "a,b\r\n1,2\r\n3,4\r\n"],
  ["CR", "a,b\r1,2\r3,4\r"],
  ["mixed", "a,b\r\n1,2\n3,4\r"],
  ["no last line end", "a,b\n1,2\n3,4"],
  ["BOM", "\ufeffa,b\n1,2\n3,4\n"],
  ["BOM and quotes", '\ufeff"a","b"\n"1",2\n3,"4"\n'],
])("reads rows that end in %s", async (_, content) => {
  const { header, rows, numbers } = await read(content);
  expect(header).toEqual(["a", "b"]);
  expect(rows).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
  expect(numbers).toEqual([2, 3]);
});

test("keeps quotes, commas, line breaks, blanks and odd characters of fields", async () => {
  const { rows } = await read(
    'a,b\n"say ""hi""","x,y"\n"1\r\n2\n3\r4"," \t"\n,""\n\ufeffé,e\u0301🙂\ufffd\n',
  );
  expect(rows).toEqual([
    ['say "hi"', "x,y"],
    ["1\r\n2\n3\r4", " \t"],
    ["", ""],
    ["\ufeffé", "e\u0301🙂\ufffd"],
  ]);
});

test("skips blank lines and still numbers rows as a spreadsheet does", async () => {
  const { rows, numbers } = await read('a,b\n\n1,2\n\n\n"3\n3",4\n5,6\n\n');
  expect(rows.length).toBe(3);
  expect(numbers).toEqual([3, 6, 7]);
});

test("a header alone has no rows", async () => {
  expect((await read("a,b")).rows).toEqual([]);
  expect((await read("a,b\r\n\r\n")).rows).toEqual([]);
});

test.each(["", "\ufeff", "\n\r\n\n"])("a file without a header is refused", async (content) => {
  expect((await failureOf(content)).code).toBe("empty");
});

test("a missing file and a folder are unreadable", async () => {
  const folder = (await write("other.csv", "")).replace(/other\.csv$/, "");
  for (const file of [`${folder}none.csv`, folder]) {
    await expect(lookAt({ path: file, name: file }, "utf-8")).rejects.toMatchObject({
      code: "unreadable",
      file,
    });
  }
});

test.each([
  ["fewer fields", "a,b\n1,2\nsecret\n", "fields", 3],
  ["more fields", "a,b\n1,2\n\nsecret,2,3\n", "fields", 4],
  ["a quote inside a field", 'a,b\n1,2\nsecret"x",2\n', "quotes", 3],
  ["text behind a quoted field", 'a,b\n"secret"x,2\n', "quotes", 2],
  ["a quote that never closes", 'a,b\n1,2\n3,"secret\n5,6\n', "quotes", 3],
])("%s is an error that names the row and no value", async (_, content, code, row) => {
  const error = await failureOf(content);
  expect(error).toMatchObject({ code, row });
  expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain("secret");
});

test("damaged text is an error in the row it stands in, wherever that is", async () => {
  const sound = bytes('\ufeffa,b\n1,2\r\n\n"é\n\n🙂",4\n5,6');
  // The rows of the bytes above; a BOM that is damaged is no BOM any more, but part of row 1.
  const rowAt = (offset: number): number =>
    [sound.indexOf("1,2"), sound.indexOf("\n\n") + 1, sound.indexOf('"é'), sound.indexOf("5,6")].reduce(
      (row, start) => (offset >= start ? row + 1 : row),
      1,
    );
  for (let offset = 3; offset < sound.length; offset++) {
    if (sound[offset]! < 0x20 || sound[offset] === 0x22) continue;
    for (const damage of [0xff, 0x00]) {
      const content = Buffer.from(sound);
      content[offset] = damage;
      expect(await failureOf(content), `byte ${offset}`).toMatchObject({
        code: "encoding",
        row: rowAt(offset),
      });
    }
  }
});

test.each([
  ["Latin-1", bytes("a,b\nn", 0xe9, ",2\n")],
  ["an overlong form", bytes("a,b\nn", 0xc0, 0x80, ",2\n")],
  ["a surrogate", bytes("a,b\nn", 0xed, 0xa0, 0x80, ",2\n")],
  ["a character cut short at the end", bytes("a,b\nn,", 0xe2, 0x82)],
])("%s is no UTF-8", async (_, content) => {
  expect(await failureOf(content)).toMatchObject({ code: "encoding", row: 2 });
});

test("UTF-16 that neither a mark nor a declaration names is refused in the first row", async () => {
  expect(await failureOf(Buffer.from("a,b\n1,2\n", "utf16le"))).toMatchObject({ code: "encoding", row: 1 });
});

test("finds damage deep in a long file, with characters and line ends across chunks", async () => {
  const line = "é🙂,2\r\n";
  const lines = 50_000;
  const sound = Buffer.from(`a,b\r\n${line.repeat(lines)}`);
  expect((await read(sound)).rows.every((row) => row[0] === "é🙂")).toBe(true);
  const damaged = bytes(sound.toString("utf8"), "x,", 0x80, "\r\n3,4\r\n");
  expect(await failureOf(damaged)).toMatchObject({ code: "encoding", row: lines + 2 });
});

test.each([
  ["in a quoted field of many lines", `a,b\n1,2\n3,"${"x\n".repeat(600_000)}"\n`],
  ["without a line break", `a,b\n1,2\n3,${"x".repeat(1_200_000)}\n`],
  ["without an end", `a,b\n1,2\n3,${"x".repeat(3_000_000)}`],
])("a row over 1 MiB is refused %s", async (_, content) => {
  expect(await failureOf(content)).toMatchObject({ code: "size", row: 3 });
});

test("reading stops soon after 1 MiB without a line end, before what comes later is looked at", async () => {
  const content = bytes(`a,b\n1,${"x".repeat(3_000_000)}`, 0xff);
  expect(await failureOf(content)).toMatchObject({ code: "size", row: 2 });
});

test("a row of 1,000,000 bytes is read", async () => {
  expect((await read(`a,b\n${"x".repeat(999_998)},2\n`)).rows[0]![0]!.length).toBe(999_998);
});

test("a missing column is named, with those there are", () => {
  const header = ["Email", 'odd "one"', "line\nbreak"];
  const find = () => columnOf("f.csv", header, "email");
  expect(find).toThrow(
    /^f\.csv, column "email": .*"Email", "odd \\u\{22\}one\\u\{22\}", "line\\u\{a\}break"/,
  );
  expect(find).toThrow(expect.objectContaining({ code: "missing", field: "email" }));
  expect(columnOf("f.csv", header, "Email")).toBe(0);
});

test.each([[["ann@example.com", "x"]], [["Ann", "+1 555 0100"]], [["Ann", "12.50"]]])(
  "a first row that looks like data is not shown",
  (header) => {
    const find = () => columnOf("f.csv", header, "email");
    expect(find).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/ann|Ann|555|12/) as string }),
    );
  },
);

test("a column that stands twice is refused only where it is asked for", () => {
  expect(() => columnOf("f.csv", ["email", "x", "x"], "x")).toThrow(
    expect.objectContaining({ code: "twice" }),
  );
  expect(columnOf("f.csv", ["email", "x", "x"], "email")).toBe(0);
});
