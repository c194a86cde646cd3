// From a row's text to the 32-byte digest of its identifier, inside the engine. Plain ASCII addresses, the bulk of any list, are
// normalised and hashed by the engine itself; a test compares that with the rules in TypeScript, which handle everything else.
import type { KeyPlan } from "../dataset/request.ts";
import type { Engine } from "../engine/engine.ts";
import { literal } from "../engine/sql.ts";
import { DIGEST_BYTES } from "../identifiers/hashed.ts";
import { digestOf, type IdentifierFault } from "../identifiers/key.ts";

/** Stands for a fault in place of a digest. */
const FAULT_BYTES: Readonly<Record<IdentifierFault, Uint8Array>> = {
  empty: Uint8Array.of(1),
  invalid: Uint8Array.of(2),
};

/** SQL over the value above: whether it is a digest, and if not, whether the text was empty. */
export const isDigest = (value: string): string => `octet_length(${value}) = ${DIGEST_BYTES}`;
export const isEmptyFault = (value: string): string => `${value} = '\\x01'::blob`;

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

/** A postal address is made of all its columns; for any other key the first column that holds an identifier counts. */
function identify(key: KeyPlan, values: readonly string[]): Uint8Array {
  if (key.type === "postal") return digestOrFault(digestOf(key, values));
  let fault: IdentifierFault = "empty";
  for (const value of values) {
    const digest = digestOf(key, [value]);
    if (typeof digest !== "string") return digest;
    if (digest === "invalid") fault = digest;
  }
  return FAULT_BYTES[fault];
}

function digestOrFault(digest: Uint8Array | IdentifierFault): Uint8Array {
  return typeof digest === "string" ? FAULT_BYTES[digest] : digest;
}

/** Printable ASCII without the specials of RFC 5322, as in `EMAIL` of email.ts. */
const ATOM = String.raw`[!#$%&'*+\-./0-9=?A-Z^_\x60a-z{|}~]`;
const NAME = ATOM.replace("./", "/");
const PLAIN_EMAIL = ` *${ATOM}+@${NAME}+([.]${NAME}+)+ *`;

/** SQL for "this is an address to which the profile does nothing but lower-case it". */
function plainPattern({ type, hashed, profile }: KeyPlan): ((text: string) => string) | undefined {
  if (type !== "email" || hashed) return undefined;
  const special = [...new Set([...profile.dotless, ...profile.tagless])];
  const others = special.map((domain) => domain.replaceAll(".", "[.]")).join("|");
  return (text) => {
    const plain = `(regexp_full_match(${text}, ${literal(PLAIN_EMAIL)}) and strlen(${text}) <= 254)`;
    if (special.length === 0) return plain;
    return `(${plain} and not regexp_full_match(${text}, ${literal(`(?i).*@(${others}) *`)}))`;
  };
}
