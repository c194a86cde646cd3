// Where the parameters of a template stand: `$name`, instead of a value of its YAML or in a filter. A filter is cut into what its author wrote and
// what is filled in, which is a literal of its type (`literalOf`): no value changes what the rest of the filter means.
import type { ValueFault } from "./parameters.ts";

const PLACE = /^\$([a-z][a-z0-9_]*)$/;
const IN_FILTER = /\$([a-z][a-z0-9_]*)(?![\p{L}\p{N}_$])/uy;
/** Behind one of these it would be a part of a longer word. */
const WORD = /[\p{L}\p{N}_$]/u;

export type Path = readonly (string | number)[];

/** Parameters that stand for a value of a YAML document, and where. */
export function placesIn(value: unknown, path: Path = []): { readonly name: string; readonly path: Path }[] {
  if (typeof value === "string") {
    const name = PLACE.exec(value)?.[1];
    return name === undefined ? [] : [{ name, path }];
  }
  if (typeof value !== "object" || value === null) return [];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return members.flatMap(([key, member]) => placesIn(member, [...path, key]));
}

/** The document with a value in every place. */
export function filled(value: unknown, of: (name: string) => unknown): unknown {
  if (typeof value === "string") {
    const name = PLACE.exec(value)?.[1];
    return name === undefined ? value : of(name);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => filled(member, of));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, of)]));
}

/** A piece of a filter: its author's text, or a parameter. */
export type Piece = { readonly text: string } | { readonly name: string };

const REMEDIES = {
  comment: "Leave out comments and backslashes.",
  quotes: "Write a parameter without quotes around it: it is a value already.",
  place: "Write a parameter as $name, with blanks or brackets around it.",
  open: "Close the quotes.",
};

/** The pieces of a filter of a template, in order. Where it is cut must be certain, so that it has neither comments nor backslashes. */
export function piecesOf(where: string): readonly Piece[] | ValueFault {
  const pieces: Piece[] = [];
  let text = "";
  let quote: string | undefined;
  for (let at = 0; at < where.length; at++) {
    const char = where[at]!;
    if (char === "\\") return { fault: "it has a backslash", remedy: REMEDIES.comment };
    if (quote !== undefined) {
      if (char === "$" && placeAt(where, at) !== undefined)
        return { fault: "a parameter stands in quotes", remedy: REMEDIES.quotes };
      // Two quotes end one text and begin the next, which for this purpose is the same.
      if (char === quote) quote = undefined;
      text += char;
      continue;
    }
    if (where.startsWith("--", at) || where.startsWith("/*", at))
      return { fault: "it has a comment", remedy: REMEDIES.comment };
    if (char !== "$") {
      if (char === "'" || char === '"') quote = char;
      text += char;
      continue;
    }
    const name = placeAt(where, at);
    if (name === undefined || WORD.test(where[at - 1] ?? " "))
      return { fault: "it has a $ that is no parameter", remedy: REMEDIES.place };
    pieces.push({ text }, { name });
    text = "";
    at += name.length;
  }
  if (quote !== undefined) return { fault: "its quotes are not closed", remedy: REMEDIES.open };
  return [...pieces, { text }];
}

function placeAt(where: string, at: number): string | undefined {
  IN_FILTER.lastIndex = at;
  return IN_FILTER.exec(where)?.[1];
}

/** The filter with a literal in every place. Undefined for what `piecesOf` finds fault with. */
export function filledFilter(where: string, literal: (name: string) => string): string | undefined {
  const pieces = piecesOf(where);
  if ("fault" in pieces) return undefined;
  return pieces.map((piece) => ("text" in piece ? piece.text : literal(piece.name))).join("");
}
