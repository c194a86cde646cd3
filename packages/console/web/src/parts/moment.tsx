// A moment in the reader's own time: in a narrow column day and hour come one below the other, and neither is cut at a hyphen.
import { day, hour } from "../words/text.ts";

export function Moment({ at }: { readonly at: number }) {
  return (
    <time class="moment" dateTime={new Date(at).toISOString()}>
      <span>{day(at)}</span> <span>{hour(at)}</span>
    </time>
  );
}
