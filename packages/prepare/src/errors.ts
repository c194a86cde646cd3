// What is wrong with a source as a whole, in words for its owner. A single bad row is dropped and counted instead (tally.ts).
import { quoted } from "@halfroom/wire/words";

/** Stable codes; codes are added, and none ever changes its meaning. */
export const INPUT_ERRORS = {
  unreadable: "the file cannot be read",
  empty: "there is nothing in it, not even the names of columns",
  archive: "it is an archive or a spreadsheet, not a file of rows",
  delimiter: "it is not certain what separates its fields",
  encoding: "the row holds a NUL byte or bytes that are no text in the file's encoding",
  quotes: "the row's double quotes do not follow RFC 4180",
  fields: "the row does not have as many fields as the header",
  size: "the row is longer than 1 MiB",
  missing: "the header has no such column",
  twice: "the header has the column more than once",
  label: "the label is longer than 1,024 bytes of UTF-8",
  undeclared: "the dataset does not declare this name",
  nofiles: "there is no file",
  damaged: "the file is damaged or cut short",
  json: "the row is not one JSON object with each field once",
  expression: "the expression cannot be computed",
  connection: "the connection to the database failed",
  store: "the store does not give it",
  query: "the database refused the query",
  credentials: "address or credentials cannot be read",
  changed: "the file changed while it was read",
  cells: "the dimensions have too many combinations",
  people: "it has more people than a node holds",
  resources: "the preparation ran out of memory or disk space",
} as const;

export type InputErrorCode = keyof typeof INPUT_ERRORS;

/** Where an input error is and what the owner can do about it. Nothing in it is ever a value of a row. */
export interface InputErrorPlace {
  readonly file: string;
  /** Counted as a spreadsheet does: the header is row 1, and a line break in quotes does not start a row. */
  readonly row?: number;
  /** A column of the request, as the user wrote it. */
  readonly field?: string;
  readonly remedy: string;
}

/** A source that cannot be prepared; the message names the file, row, field, fault and remedy. */
export class InputError extends Error {
  readonly code: InputErrorCode;
  readonly file: string;
  readonly row: number | undefined;
  readonly field: string | undefined;
  readonly remedy: string;

  constructor(code: InputErrorCode, { file, row, field, remedy }: InputErrorPlace) {
    const place = [
      file,
      ...(row === undefined ? [] : [`row ${row}`]),
      ...(field === undefined ? [] : [`column ${quoted(field)}`]),
    ];
    super(`${place.join(", ")}: ${INPUT_ERRORS[code]}. ${remedy}`);
    this.name = "InputError";
    this.code = code;
    this.file = file;
    this.row = row;
    this.field = field;
    this.remedy = remedy;
  }
}
