// What a partner has spent of what a policy allows, and what is left.
import type { Budget, Ledger } from "../answers.ts";
import { counted, epsilon, inQuotes, moment, number } from "../words/text.ts";
import { Bar } from "./bar.tsx";

type State = Budget["period"];

export function Budgets({
  budget,
  entries,
}: {
  readonly budget: Budget;
  readonly entries: Ledger["entries"];
}) {
  const { period, everybody, lifetime, numbers, everybodyNumbers, exact, periodDays } = budget;
  const own = entries.filter(
    ({ settled, partner, population }) =>
      !settled && partner === budget.partner && population === budget.population,
  );
  const reserved = own.reduce((sum, { microEpsilon }) => sum + microEpsilon, 0);
  const reservedNumbers = own.reduce((sum, each) => sum + each.numbers, 0);
  return (
    <>
      <Bar
        {...partsOf(period, reserved)}
        label={`Epsilon, this partner, ${counted(periodDays, "day")}`}
        words={epsilon}
        note={noteOf(period, own.length)}
      />
      <Bar
        {...partsOf(everybody, 0)}
        label={`Epsilon, all partners, ${counted(periodDays, "day")}`}
        words={epsilon}
      />
      <Bar {...partsOf(lifetime, 0)} label="Epsilon, this partner, at any time" words={epsilon} />
      {exact.budget > 0 && <Bar {...partsOf(exact, 0)} label="Exact reports" words={number} />}
      <Bar {...partsOf(numbers, reservedNumbers)} label="Numbers, this partner" words={number} />
      <Bar {...partsOf(everybodyNumbers, 0)} label="Numbers, all partners" words={number} />
    </>
  );
}

/** Of which people the budget is. */
export function budgetTitle({ dataset, population }: Budget): string {
  return `Our dataset ${inQuotes(dataset)}, population ${inQuotes(population)}`;
}

const partsOf = ({ spent, budget }: State, reserved: number) => ({
  spent,
  budget,
  reserved: Math.min(spent, reserved),
});

function noteOf({ backAt, spent }: State, open: number): string | undefined {
  const back = backAt !== null && spent > 0 ? [`Some of it comes back at ${moment(backAt)}.`] : [];
  const kept =
    open > 0
      ? [`${counted(open, "session")} not ended yet: what they take is charged already (hatched).`]
      : [];
  const notes = [...kept, ...back];
  return notes.length === 0 ? undefined : notes.join(" ");
}
