// A moment in the reader's own time: in a narrow column day and hour come one below the other, and neither is cut at a hyphen.
import { moment } from "../words/text.ts";

export function Moment({ at }: { readonly at: number }) {
  const [day, hour] = moment(at).split(" ");
  return (
    <time class="moment" dateTime={new Date(at).toISOString()}>
      <span>{day}</span> <span>{hour}</span>
    </time>
  );
}
