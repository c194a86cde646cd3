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
  const bar = (label: string, state: State, words: (amount: number) => string, held = 0) => (
    <Bar
      {...partsOf(state, held)}
      label={label}
      words={words}
      note={noteOf(state, held > 0 ? own.length : 0)}
    />
  );
  return (
    <>
      {bar(`Epsilon, this partner, ${counted(periodDays, "day")}`, period, epsilon, reserved)}
      {bar(`Epsilon, all partners, ${counted(periodDays, "day")}`, everybody, epsilon)}
      {bar("Epsilon, this partner, of all time", lifetime, epsilon)}
      {exact.budget > 0 && bar(`Exact reports, ${counted(periodDays, "day")}`, exact, number)}
      {bar(`Numbers, this partner, ${counted(periodDays, "day")}`, numbers, number, reservedNumbers)}
      {bar(`Numbers, all partners, ${counted(periodDays, "day")}`, everybodyNumbers, number)}
      <p class="hint">
        Epsilon measures how much all answers together can say of one person: the less is used, the less they
        say.
      </p>
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
  const back = backAt !== null && spent > 0 ? [`The first of it is free again at ${moment(backAt)}.`] : [];
  const kept =
    open > 0
      ? [`${counted(open, "session")} not ended yet: what they take is charged already (hatched).`]
      : [];
  const notes = [...kept, ...back];
  return notes.length === 0 ? undefined : notes.join(" ");
}
