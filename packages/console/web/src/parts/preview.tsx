// What would come of a request: what each side would learn, what it would cost, what the policies say. Asked for when the writer pauses.
import { ProblemError } from "@halfroom/console/client";
import { useEffect, useState } from "preact/hooks";
import type { Client } from "@halfroom/console/client";
import type { Preview } from "../answers.ts";
import { useHouse } from "../house.ts";
import { bytes, counted, epsilon, megabits, number, sentence, span } from "../words/text.ts";
import { Bar } from "./bar.tsx";
import { Button, Empty, Loading, Panel, Sentences, Tag } from "./basics.tsx";
import { LearnedByEach } from "./learned.tsx";
import { Problem } from "./problem.tsx";

const PAUSE_MS = 700;

const OUTCOMES = {
  run: ["good", "It would run."],
  stored: ["good", "The stored report would be served."],
  wait: ["warn", "It would wait for a person at the partner."],
  refuse: ["bad", "It would not run."],
  unknown: ["warn", "The partner could not be asked."],
} as const;

interface Seen {
  readonly preview?: Preview;
  readonly error?: unknown;
  readonly isBusy: boolean;
}

/** A request, or a run of a template: as the API takes it. */
export type Asked = Parameters<Client["checkRequest"]>[0];

/**
 * The partner's node counts previews, so it is asked when a person says so; our own is asked as the request is written. `onError` is told what our own
 * finds, or that it finds nothing.
 */
export function PreviewPanel({
  request,
  isWhole,
  missing,
  onError = () => undefined,
}: {
  readonly request: Asked;
  readonly isWhole: boolean;
  /** What to do while it is not whole. */
  readonly missing: string;
  readonly onError?: (error: unknown) => void;
}) {
  const { client } = useHouse();
  const of = JSON.stringify(request);
  const [ahead, setAhead] = useState<{ ahead?: readonly string[]; error?: unknown }>({});
  const [seen, setSeen] = useState<Seen & { readonly of: string }>({ isBusy: false, of: "" });
  useEffect(() => {
    const told = (checked: { ahead?: readonly string[]; error?: unknown }) => {
      setAhead(checked);
      onError(checked.error);
    };
    if (!isWhole) return told({});
    let isWanted = true;
    const timer = setTimeout(() => {
      client.checkRequest(request).then(
        (checked) => isWanted && told({ ahead: checked.ahead }),
        (error: unknown) => isWanted && told({ error }),
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [of, isWhole]);
  const look = () => {
    setSeen({ isBusy: true, of });
    client.previewRequest(request).then(
      (preview) => setSeen({ isBusy: false, of, preview }),
      (error: unknown) => setSeen({ isBusy: false, of, error }),
    );
  };
  const isOfThis = seen.of === of;
  return (
    <Panel heading="Before you run it">
      <div class="stack" aria-live="polite">
        {!isWhole && <Empty>{missing}</Empty>}
        {isWhole && ahead.error !== undefined && <Problem error={ahead.error} />}
        {isWhole && ahead.ahead !== undefined && !isOfThis && (
          <>
            <p>
              <Tag kind="good">Our policy allows it.</Tag>
            </p>
            <Sentences items={ahead.ahead} />
          </>
        )}
        {isOfThis && seen.isBusy && <Loading lines={6} />}
        {isOfThis && seen.error !== undefined && ahead.error === undefined && <Problem error={seen.error} />}
        {isOfThis && seen.preview !== undefined && <Outlook preview={seen.preview} />}
        {isWhole && !(ahead.error instanceof ProblemError) && (
          <div>
            <Button onClick={look} isBusy={seen.isBusy}>
              Ask the partner's policy
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Outlook({ preview }: { readonly preview: Preview }) {
  const { outcome, outlook, ours, theirs } = preview;
  const [kind, words] = OUTCOMES[outcome];
  return (
    <>
      <p>
        <Tag kind={kind}>{words}</Tag>
      </p>
      <Answer whose="Our policy" answer={ours} />
      {"error" in theirs ? (
        <p>{sentence(theirs.error.words)}</p>
      ) : (
        <Answer whose="The partner's policy" answer={theirs} />
      )}
      {outlook !== undefined && <Costs outlook={outlook} />}
      <LearnedByEach of={preview} />
    </>
  );
}

const DECISIONS = { accept: "accepts", hold: "asks a person", refuse: "refuses", queued: "accepts" } as const;

function Answer({
  whose,
  answer: { decision, reasons },
}: {
  readonly whose: string;
  readonly answer: Preview["ours"];
}) {
  return (
    <p>
      {whose} {DECISIONS[decision]}
      {reasons.length > 0 && `: ${reasons.map((reason) => sentence(reason.words)).join("; ")}`}.
    </p>
  );
}

function Costs({
  outlook: { cost, opening, people, effort, transfers, line },
}: {
  readonly outlook: NonNullable<Preview["outlook"]>;
}) {
  const { period, exact, numbers } = cost;
  const bar = (
    label: string,
    { needed, left, budget }: { needed: number; left: number; budget: number },
    words: (amount: number) => string,
  ) => (
    <Bar
      label={label}
      spent={budget - left + needed}
      reserved={needed}
      budget={budget}
      words={words}
      note={`It takes ${words(needed)} (hatched).`}
    />
  );
  return (
    <>
      <div>
        {period !== undefined && bar(`Epsilon after it, ${counted(cost.periodDays, "day")}`, period, epsilon)}
        {exact !== undefined && bar("Exact reports after it", exact, number)}
        {bar("Numbers after it", numbers, number)}
      </div>
      <p>{sentence(opening.words)}</p>
      <p class="hint">
        {counted(people.ours, "person", "people")} of ours
        {people.theirs === undefined ? "" : `, ${number(people.theirs)} of theirs the last time`}. About{" "}
        {span(effort.seconds * 1000)} and {bytes(effort.bytes)}
        {effort.isFirst ? ", more the first time than later" : ""}
        {line !== undefined && `; at ${megabits(line.bytesPerSecond)}, as measured, it is `}
        {line !== undefined && `${span((1000 * effort.busierBytes) / line.bytesPerSecond)} on the line`}.
      </p>
      {transfers.why !== undefined && <p>{sentence(transfers.why)}</p>}
    </>
  );
}
