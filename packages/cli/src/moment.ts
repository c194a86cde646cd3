/** Milliseconds since 1970 as a person reads them in a list: to the minute, in UTC, as the lists' heads say. */
export function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
