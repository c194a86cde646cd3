// From a row's text to the 32-byte digest of its identifier, inside the engine. Plain ASCII addresses, the bulk of any list, are
// normalised and hashed by the engine itself; a test compares that with the rules in TypeScript, which handle everything else.
import type { KeyPlan } from "../dataset/request.ts";
import type { Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import { faultMark, IDENTIFIER_FAULTS, type IdentifierFault } from "../identifiers/faults.ts";
import { digestOf } from "../identifiers/key.ts";

/** Stands for a fault in place of a digest: one byte, the fault's number. */
const FAULT_BYTES = new Map(IDENTIFIER_FAULTS.map((fault, i) => [fault, Uint8Array.of(i + 1)]));
const faultHex = (fault: IdentifierFault): string =>
  Buffer.from(FAULT_BYTES.get(fault)!).toString("hex").toUpperCase();

/** SQL over the value above: whether it is a digest. */
export const isDigest = (value: string): string => `octet_length(${value}) = ${DIGEST_BYTES}`;

function faultBlob(fault: IdentifierFault): string {
  return `'\\x${faultHex(fault)}'::blob`;
}

/** SQL over a value that is no digest: what `number` gives for its fault. */
export function ofFault(value: string, number: (fault: IdentifierFault) => number): string {
  const whens = IDENTIFIER_FAULTS.map((fault) => `when ${faultBlob(fault)} then ${number(fault)}`);
  return `case ${value} ${whens.join(" ")} end`;
}

/** SQL for the name of the fault, as the staged table has it; NULL for a digest and where there was no text. */
export function faultName(value: string): string {
  const whens = IDENTIFIER_FAULTS.filter((fault) => fault !== "empty").map(
    (fault) => `when ${faultBlob(fault)} then ${literal(fault)}`,
  );
  return `case when not ${isDigest(value)} then case ${value} ${whens.join(" ")} end end`;
}

/** Makes a key's rules callable in the engine. Returns the expression over the texts of its columns, where NULL counts as empty. */
export function identifierExpression(
  engine: Engine,
  key: KeyPlan,
  index: number,
  texts: readonly string[],
): string {
  const { BLOB, DuckDBBlobValue, DuckDBScalarFunction, VARCHAR } = engine.duckDb;
  const name = `halfroom_identifier_${index}`;
  engine.register(
    DuckDBScalarFunction.create({
      name,
      parameterTypes: texts.map(() => VARCHAR),
      returnType: BLOB,
      mainFunction(_, chunk, output) {
        const columns = texts.map((__, c) => chunk.getColumnVector(c));
        for (let row = 0; row < chunk.rowCount; row++) {
          const values = columns.map((column) => column.getItem(row) as string);
          output.setItem(row, new DuckDBBlobValue(identify(key, values)));
        }
        output.flush();
      },
    }),
  );
  const slow = `${name}(${texts.map((text) => `coalesce(${text}, '')`).join(", ")})`;
  const [text = "null"] = texts;
  const plain = texts.length === 1 ? plainPattern(key) : undefined;
  if (plain === undefined) return slow;
  return `case when ${plain(text)} then unhex(sha256(lower(trim(${text}, ' ')))) else ${slow} end`;
}

/** A postal address is made of all its columns; for any other key the first text of any column that is an identifier counts. */
function identify(key: KeyPlan, values: readonly string[]): Uint8Array {
  if (key.type === "postal") return digestOrFault(digestOf(key, values));
  let first: IdentifierFault = "empty";
  for (const text of values.flatMap((value) => textsOf(key, value))) {
    const digest = digestOf(key, [text]);
    if (typeof digest !== "string") return digest;
    if (first === "empty") first = digest;
  }
  return digestOrFault(first);
}

function digestOrFault(digest: Uint8Array | IdentifierFault): Uint8Array {
  return typeof digest === "string" ? FAULT_BYTES.get(digest)! : digest;
}

/** The texts of a cell: those of an array, or what stands between the declared separators. */
function textsOf({ split }: KeyPlan, cell: string): readonly string[] {
  const list = cell.startsWith("[") ? arrayOf(cell) : undefined;
  if (list !== undefined) return list;
  return split === undefined ? [cell] : cell.split(split);
}

/** The texts of a JSON array; undefined for any other text, and for an array of anything but texts, numbers and nulls. */
function arrayOf(cell: string): string[] | undefined {
  let values: unknown;
  try {
    values = JSON.parse(cell);
  } catch {
    return undefined;
  }
  if (!Array.isArray(values)) return undefined;
  const texts = values.map((value: unknown) => {
    if (typeof value === "string") return value;
    if (value === null) return "";
    if (typeof value !== "number") return undefined;
    if (Number.isSafeInteger(value)) return String(value);
    return faultMark(Number.isInteger(value) ? "imprecise" : "fraction");
  });
  return texts.includes(undefined) ? undefined : (texts as string[]);
}

/** Printable ASCII without the specials of RFC 5322, as in `LOCAL_PART` of email.ts; one in front is no apostrophe. */
const ATOM = String.raw`[!#$%&'*+\-./0-9=?A-Z^_\x60a-z{|}~]`;
const FIRST = ATOM.replace("'", "");
const NAME = "[0-9A-Za-z]([-0-9A-Za-z]*[0-9A-Za-z])?";
const PLAIN_EMAIL = ` *${FIRST}${ATOM}*@${NAME}([.]${NAME})+ *`;
/** Of so short a text no part of the domain is longer than 63. */
const PLAIN_LENGTH_MAX = 64;

/** SQL for "this is an address to which the profile does nothing but lower-case it". */
function plainPattern({ type, hashed, profile }: KeyPlan): ((text: string) => string) | undefined {
  if (type !== "email" || hashed) return undefined;
  const special = [...new Set([...profile.dotless, ...profile.tagless])];
  const others = special.map((domain) => domain.replaceAll(".", "[.]")).join("|");
  return (text) => {
    const plain = `(strlen(${text}) <= ${PLAIN_LENGTH_MAX} and regexp_full_match(${text}, ${literal(PLAIN_EMAIL)}))`;
    if (special.length === 0) return plain;
    return `(${plain} and not regexp_full_match(${text}, ${literal(`(?i).*@(${others}) *`)}))`;
  };
}
