// Parts of SQL statements. Whatever comes from outside enters as a quoted name or a quoted literal, or is an expression written
// by the dataset's owner.

/** A quoted name. DuckDB's names cannot contain NUL, and nothing that gets here does. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An expression by the owner; the line break ends a trailing comment. */
export function owned(expression: string): string {
  return `(${expression}\n)`;
}

/** The white space of ECMAScript's trim, so that SQL and TypeScript agree on what is blank. */
const BLANKS = [
  0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
  0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff,
];
const BLANK_TEXT = literal(String.fromCharCode(...BLANKS));

export function trimmed(text: string): string {
  return `trim(${text}, ${BLANK_TEXT})`;
}
