// The flight check as a picture: what becomes of the rows, where a measure's values lie against its bounds, which cells cannot pass.
import type { ComponentChildren } from "preact";
import type { Findings } from "../answers.ts";
import { counted, decimal, inQuotes, moment, name, number, percent, sentence } from "../words/text.ts";
import { Empty, Facts, Panel, Sentences, Tag } from "./basics.tsx";

export function FlightPicture({ findings }: { readonly findings: Findings }) {
  const { problems, measures, partitions, threshold } = findings;
  return (
    <>
      <Panel heading="Verdict" aside={<Verdict findings={findings} />}>
        <div class="stack">
          {problems.length > 0 && <Sentences items={problems} />}
          <Facts
            entries={[
              ["Rows", number(findings.rows)],
              ["People", number(findings.people)],
              ["Files", number(findings.source.files)],
              ...(findings.moments === null
                ? []
                : [
                    [
                      "Times",
                      `${moment(findings.moments.earliest)} to ${moment(findings.moments.latest)}`,
                    ] as const,
                  ]),
            ]}
          />
        </div>
      </Panel>
      <Panel heading="What becomes of the rows">
        <Rows findings={findings} />
      </Panel>
      <Panel heading="Match keys">
        <Keys findings={findings} />
      </Panel>
      {measures.length > 0 && (
        <Panel heading="Measures against their bounds">
          <div class="cards">
            {measures.map((measure) => (
              <Measure measure={measure} people={findings.people} />
            ))}
          </div>
        </Panel>
      )}
      {partitions.length > 0 && (
        <Panel heading="Cells that cannot pass" aside={`threshold ${number(threshold)}`}>
          <div class="share-rows">
            {partitions.map(({ groupBy, cells, hopelessCells, peopleInHopelessCells }) => (
              <Share
                label={groupBy.length === 0 ? "everybody" : `by ${groupBy.map(inQuotes).join(" and ")}`}
                count={hopelessCells}
                total={cells}
                kind="lost"
                remedy={
                  hopelessCells === 0
                    ? `Each of ${counted(cells, "cell")} has enough people of ours.`
                    : `${number(hopelessCells)} of ${counted(cells, "cell")} have fewer people of ours than the threshold, ${counted(peopleInHopelessCells, "person", "people")} together. Coarser columns or a lower threshold would help.`
                }
              />
            ))}
          </div>
        </Panel>
      )}
    </>
  );
}

function Verdict({ findings: { problems, partitions } }: { readonly findings: Findings }) {
  if (problems.length > 0) return <Tag kind="bad">no report can use it so</Tag>;
  const closed = partitions.reduce((sum, { hopelessCells }) => sum + hopelessCells, 0);
  const cells = partitions.reduce((sum, each) => sum + each.cells, 0);
  if (closed === 0) return <Tag kind="good">a report can use it</Tag>;
  if (closed === cells) return <Tag kind="bad">no cell would open</Tag>;
  return (
    <Tag kind="warn">
      a report can use it; {number(closed)} of {counted(cells, "cell")} would stay closed
    </Tag>
  );
}

interface ShareRow {
  readonly label: ComponentChildren;
  readonly count: number;
  readonly total: number;
  readonly kind: "kept" | "lost" | "set-aside";
  readonly remedy?: string | undefined;
}

function Share({ label, count, total, kind, remedy }: ShareRow) {
  const share = total === 0 ? 0 : count / total;
  return (
    <div class="share-row">
      <span>{label}</span>
      <span class="bar" aria-hidden="true">
        <span class={kind} style={{ width: `${100 * share}%` }} />
      </span>
      <span class="number">{number(count)}</span>
      <span class="number hint">{percent(share)}</span>
      {remedy !== undefined && <p class="hint remedy">{sentence(remedy)}</p>}
    </div>
  );
}

function Rows({
  findings: { rows, people, merged, filtered, optedOut, dropped },
}: {
  readonly findings: Findings;
}) {
  return (
    <div class="share-rows">
      <Share label="people, one row each" count={people} total={rows} kind="kept" />
      <Share label="merged into people who already had a row" count={merged} total={rows} kind="set-aside" />
      {filtered > 0 && <Share label="left out by a filter" count={filtered} total={rows} kind="set-aside" />}
      {optedOut > 0 && <Share label="people who opted out" count={optedOut} total={rows} kind="set-aside" />}
      {dropped.map(({ reason, rows: lost, remedy, examples }) => (
        <Share
          label={<>dropped: {sentence(reason)}</>}
          count={lost}
          total={rows}
          kind="lost"
          remedy={[...(remedy === undefined ? [] : [remedy]), ...placesOf(examples)].join(" ")}
        />
      ))}
      {dropped.length === 0 && <p class="hint">No row is dropped.</p>}
    </div>
  );
}

const EXAMPLES = 3;

function placesOf(examples: Findings["dropped"][number]["examples"]): string[] {
  const some = examples.slice(0, EXAMPLES).map(({ file, row }) => `${inQuotes(lastPart(file))} row ${row}`);
  return some.length === 0 ? [] : [`For example ${some.join(", ")}.`];
}

/** Of a path or an address: which folder it is in the dataset's own panel says. */
const lastPart = (path: string): string => path.split("/").at(-1)!;

function Keys({ findings: { keys, rows } }: { readonly findings: Findings }) {
  return (
    <div class="stack">
      {keys.map(({ name: key, rules, people, invalidRows, shared, several, faults }) => (
        <div>
          <h3>
            {name(key)} <span class="hint">{sentence(rules)}</span>
          </h3>
          <p>
            {counted(people, "person", "people")} have it; {counted(invalidRows, "row")} of {number(rows)}{" "}
            cannot be read
            {shared > 0 && `; ${number(shared)} are held by several people, and are left out`}
            {several > 0 && `; ${counted(several, "person has", "people have")} more than one`}.
          </p>
          {faults.length > 0 && (
            <ul class="sentences">
              {faults.map(({ form, rows: count, remedy }) => (
                <li>
                  {sentence(form)}: {counted(count, "row")}. {remedy !== undefined && sentence(remedy)}
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
      {keys.length === 0 && <Empty>No match key was looked at.</Empty>}
    </div>
  );
}

type MeasureFound = Findings["measures"][number];

/** Width of the drawing in its own units. */
const WIDTH = 400;

function Measure({ measure, people }: { readonly measure: MeasureFound; readonly people: number }) {
  const { quantiles, bounds, clippedBelow, clippedAbove, nullShare, tooFineRows, decimals, decimalsNeeded } =
    measure;
  const [min, p1, median, p99, max] = [
    quantiles.min,
    quantiles.p1,
    quantiles.median,
    quantiles.p99,
    quantiles.max,
  ].map(Number) as [number, number, number, number, number];
  const [low, high] = bounds === null ? [min, max] : [Number(bounds.low), Number(bounds.high)];
  const [from, to] = [Math.min(low, p1, 0), Math.max(high, p99) * 1.05 || 1];
  const x = (value: number) => Math.min(WIDTH, Math.max(0, (WIDTH * (value - from)) / (to - from)));
  const words = `Least ${quantiles.min}, 1 % below ${quantiles.p1}, median ${quantiles.median}, 1 % above ${quantiles.p99}, most ${quantiles.max}`;
  // Without bounds nobody has chosen decimals yet: zeros at the end would say nothing.
  const shown = (text: string) =>
    decimal(bounds === null ? text.replace(/(\.\d*[1-9])0+$|\.0+$/, "$1") : text);
  return (
    <div>
      <h3>{name(measure.name)}</h3>
      {people > 0 && (
        <svg
          class="strip"
          viewBox={`0 0 ${WIDTH} 64`}
          preserveAspectRatio="none"
          role="img"
          aria-label={sentence(words)}
        >
          {bounds !== null && (
            <rect class="bounds" x={x(low)} y="8" width={Math.max(1, x(high) - x(low))} height="40" />
          )}
          <line class="axis" x1="0" x2={WIDTH} y1="28" y2="28" />
          <line class="range" x1={x(min)} x2={x(max)} y1="28" y2="28" />
          <line class="middle" x1={x(p1)} x2={x(p99)} y1="28" y2="28" />
          <line class="median" x1={x(median)} x2={x(median)} y1="18" y2="38" />
          {bounds !== null &&
            [low, high].map((bound) => <line class="bound" x1={x(bound)} x2={x(bound)} y1="2" y2="54" />)}
        </svg>
      )}
      <Facts
        entries={[
          ["1 % are below", shown(quantiles.p1)],
          ["Median", shown(quantiles.median)],
          ["1 % are above", shown(quantiles.p99)],
          ["Least and most", `${shown(quantiles.min)} to ${shown(quantiles.max)}`],
          ["Bounds", bounds === null ? "none given" : `${decimal(bounds.low)} to ${decimal(bounds.high)}`],
          [
            "Cut to the bounds",
            `${counted(clippedBelow + clippedAbove, "person", "people")}, ${percent(people === 0 ? 0 : (clippedBelow + clippedAbove) / people)}`,
          ],
          ["Without a value", percent(nullShare)],
          [
            "Decimals",
            decimalsNeeded > decimals
              ? `${decimals}; ${counted(tooFineRows, "row")} need ${decimalsNeeded}`
              : String(decimals),
          ],
        ]}
      />
    </div>
  );
}
