// A budget as a bar: what is spent, what of that is reserved for sessions that have not ended, what a report would take, what is left.
import type { ComponentChildren } from "preact";

export interface BudgetBar {
  readonly label: string;
  readonly spent: number;
  readonly budget: number;
  /** Of what is spent. */
  readonly reserved?: number;
  /** In words, of the unit that the budget has. */
  readonly words: (amount: number) => string;
  readonly note?: ComponentChildren;
}

export function Bar({ label, spent, budget, reserved = 0, words, note }: BudgetBar) {
  const share = (amount: number) => `${Math.min(100, budget > 0 ? (100 * amount) / budget : 100)}%`;
  const left = Math.max(0, budget - spent);
  return (
    <div class="budget">
      <div class="budget-head">
        <span>{label}</span>
        <span class="amount">
          {words(spent)} of {words(budget)} used
        </span>
      </div>
      <div
        class="bar"
        role="img"
        aria-label={`${label}: ${words(spent)} of ${words(budget)} used${reserved > 0 ? `, ${words(reserved)} of it reserved` : ""}`}
      >
        <span class={left === 0 ? "spent full" : "spent"} style={{ width: share(spent - reserved) }} />
        {reserved > 0 && <span class="reserved" style={{ width: share(reserved) }} />}
      </div>
      {note !== undefined && <p class="hint">{note}</p>}
    </div>
  );
}
