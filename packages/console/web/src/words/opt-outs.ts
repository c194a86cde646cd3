// Lists of people who opt out or ask what is held of them: one person who was typed, or a file that was chosen.

/** As POST /suppressed and the others take it. */
export type OptOutList =
  | { readonly person: { readonly key: string; readonly identifier: string }; readonly hashed: boolean }
  | { readonly csv: string; readonly columns: Record<string, string[]>; readonly hashed: boolean };

/** What the API takes of a text. */
export const LENGTH_MAX = 1 << 19;

/** `email=address, phone=number`, as the command's `--match`; undefined for what is none. */
export function columnsIn(text: string): Record<string, string[]> | undefined {
  const columns: Record<string, string[]> = {};
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const [, key, column] = /^([^=]+)=([^=]+)$/.exec(part) ?? [];
    if (key === undefined || column === undefined) return undefined;
    columns[key.trim()] = [column.trim()];
  }
  return columns;
}
