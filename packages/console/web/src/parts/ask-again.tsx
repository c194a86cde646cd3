// One more question before something that is not easily undone. It takes the place of the buttons, and the focus.
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./basics.tsx";

export function AskAgain({
  question,
  yes,
  onYes,
  onNo,
}: {
  readonly question: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div class="notice warn" role="group" aria-label={question} ref={place} tabIndex={-1}>
      <p>{question}</p>
      <div class="actions">
        <Button kind="danger" onClick={onYes}>
          {yes}
        </Button>
        <Button onClick={onNo}>Back</Button>
      </div>
    </div>
  );
}
