// Where a report has been written to, and writing it there again.
import type { ReportRecord } from "../answers.ts";
import { Button, Tag } from "./basics.tsx";
import { name, sentence } from "../words/text.ts";

type Sent = NonNullable<ReportRecord["sent"]>[number];

const KIND_OF = { delivered: "good", waiting: "plain", failed: "bad" } as const;

/** Whom something was sent to, and whether it has got there. */
export function SentTo({ target, state }: { readonly target: string; readonly state: Sent["state"] }) {
  return (
    <>
      {name(target)}: <Tag kind={KIND_OF[state]}>{state}</Tag>
    </>
  );
}

/** `send`: left out for those who may not. */
export function ReportSinks({
  sent,
  send,
  isBusy,
}: {
  readonly sent: readonly Sent[];
  readonly send: ((sink: string) => void) | undefined;
  readonly isBusy: boolean;
}) {
  return (
    <>
      {sent.map(({ sink, state, words }) => (
        <div>
          <p class="any">
            <SentTo target={sink} state={state} />
          </p>
          {words !== "" && <p class="hint any">{sentence(words)}</p>}
          {send !== undefined && state !== "waiting" && (
            <Button isBusy={isBusy} onClick={() => send(sink)}>
              Send again<span class="sr"> to {name(sink)}</span>
            </Button>
          )}
        </div>
      ))}
    </>
  );
}
