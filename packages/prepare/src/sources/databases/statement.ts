// A query as it is copied from a shell or an editor: one statement, maybe with the semicolon that ends it there.

/** Blanks and comments; quoted texts and names, of PostgreSQL also those with escapes or between dollar signs; any other character. */
const TOKENS =
  /(?<blank>\s+|--[^\n]*)|(?<comment>\/\*)|[eE]'(?:[^'\\]|\\.|'')*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|(?<!\w)(\$(?:[A-Za-z_]\w*)?\$).*?(?:\3|$)|\w+|./gsu;

/** The query without one semicolon at its end, behind which only blanks and comments may stand. */
export function withoutSemicolon(query: string): string {
  const tokens = new RegExp(TOKENS);
  let last: RegExpExecArray | undefined;
  for (let token = tokens.exec(query); token !== null; token = tokens.exec(query)) {
    const { blank, comment } = token.groups!;
    if (comment !== undefined) tokens.lastIndex = endOfComment(query, token.index);
    else if (blank === undefined) last = token;
  }
  return last?.[0] === ";" ? query.slice(0, last.index) + query.slice(last.index + 1) : query;
}

/** Comments hold comments. */
function endOfComment(query: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(query); mark !== null; mark = marks.exec(query)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return query.length;
}
