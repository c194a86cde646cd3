// What each side would learn, behind a line that opens it.
import { Sentences } from "./basics.tsx";

export interface Learned {
  readonly report: readonly string[];
  readonly weLearn: readonly string[];
  readonly partnerLearns: readonly string[];
}

export function LearnedByEach({ of, from = "" }: { readonly of: Learned; readonly from?: string }) {
  return (
    <details>
      <summary>What each side would learn{from}</summary>
      <div class="stack">
        <h3>The report</h3>
        <Sentences items={of.report} />
        <h3>We</h3>
        <Sentences items={of.weLearn} />
        <h3>The partner</h3>
        <Sentences items={of.partnerLearns} />
      </div>
    </details>
  );
}
