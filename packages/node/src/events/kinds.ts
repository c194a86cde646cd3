// What other systems, and people by mail, can be told of. This is the one list of such events; docs/operate.md holds it for readers. An event
// names partners, sessions and stable codes; no number of a report, no identifier and no text that a partner wrote is ever in one.
import { quoted } from "@halfroom/wire/words";

/** Facts of an event, by its type. */
interface EventFacts {
  "approval.asked": { readonly id: string; readonly partner: string; readonly reasons: string };
  "template.asked": {
    readonly id: string;
    readonly partner: string;
    /** Of one of ours, so never what a partner wrote. */
    readonly name: string;
  };
  "proposal.approved": {
    readonly id: string;
    readonly partner: string;
    readonly by: "policy" | "template" | "person";
  };
  "proposal.refused": {
    readonly id: string;
    readonly partner: string;
    readonly by: "policy" | "person" | "partner" | "nobody";
    readonly reasons: string;
  };
  "session.done": {
    readonly id: string;
    readonly partner: string;
    readonly session: string;
    /** Whether a report of before was served once more. */
    readonly stored: boolean;
  };
  "report.unsent": {
    readonly id: string;
    readonly partner: string;
    readonly session: string;
    readonly sink: string;
  };
  "session.failed": {
    readonly id: string;
    readonly partner: string;
    readonly stage: string;
    readonly code: string;
  };
  "series.missed": {
    readonly id: string;
    readonly partner: string;
    readonly run: number;
    readonly why: string;
  };
  "series.ended": { readonly id: string; readonly partner: string; readonly by: "us" | "partner" };
  "budget.low": {
    readonly partner: string;
    readonly dataset: string;
    readonly of: string;
    readonly percent: number;
  };
  "expiry.near": { readonly what: string; readonly name: string; readonly at: string; readonly days: number };
  "partner.joined": { readonly partner: string; readonly fingerprint: string };
  "partner.identity": { readonly partner: string; readonly fingerprint: string };
  "partner.followed": { readonly partner: string; readonly what: string };
  "partner.version": {
    readonly partner: string;
    /** As its last statement listed them; "" where it proposed one that this node does not speak. */
    readonly versions: string;
    readonly change: "changed" | "not spoken";
  };
  "opt-outs.unreadable": { readonly rows: number; readonly datasets: number };
  test: { readonly target: string };
}

export type EventType = keyof EventFacts;

interface EventOf<Type extends EventType> {
  readonly type: Type;
  readonly facts: EventFacts[Type];
}
export type NodeEvent = { [Type in EventType]: EventOf<Type> }[EventType];

interface Kind<Type extends EventType> {
  /** When there is one. */
  readonly means: string;
  /** Whether somebody is asked to do something: those are mailed where nothing else is said. */
  readonly asks: boolean;
  /** One sentence for people, without its full stop. */
  readonly words: (facts: EventFacts[Type]) => string;
  /** What to do about it; empty where there is nothing to be done. */
  readonly remedy: (facts: EventFacts[Type]) => string;
}

const none = () => "";
/** As commands print, and take, the id of a template. */
const shortOf = (id: string) => id.slice(0, 12);

export const EVENTS: { readonly [Type in EventType]: Kind<Type> } = {
  "approval.asked": {
    means: "a report waits for a person here",
    asks: true,
    words: ({ id, partner }) => `a report with ${quoted(partner)} waits for a decision: ${id}`,
    remedy: ({ id }) =>
      `What waits, in the console; or: halfroom sessions, then halfroom approve ${id} or halfroom deny ${id}.`,
  },
  "template.asked": {
    means: "a template of ours waits for people here: for the second one, or for all again after a restore",
    asks: true,
    words: ({ id, partner, name }) =>
      `the template ${quoted(name)} for ${quoted(partner)} waits for a decision: ${shortOf(id)}`,
    remedy: ({ id }) =>
      `What waits, in the console; or: halfroom templates show ${shortOf(id)}, then halfroom templates approve ${shortOf(id)} or halfroom templates withdraw ${shortOf(id)}.`,
  },
  "proposal.approved": {
    means: "a proposal was approved here, by the policy, by a template or by people",
    asks: false,
    words: ({ id, partner, by }) => `the report ${id} with ${quoted(partner)} was approved by a ${by}`,
    remedy: none,
  },
  "proposal.refused": {
    means: "a proposal was refused, here or by the partner, or nobody decided in time",
    asks: false,
    words: ({ id, partner, by }) => `the report ${id} with ${quoted(partner)} was refused by ${REFUSERS[by]}`,
    remedy: () => "halfroom sessions says why.",
  },
  "session.done": {
    means: "a session ended with its report",
    asks: false,
    words: ({ id, partner }) => `the report ${id} with ${quoted(partner)} is there`,
    remedy: ({ id }) => `halfroom report ${id} prints it.`,
  },
  "report.unsent": {
    means: "a report could not be written to a sink, however often it was tried",
    asks: true,
    words: ({ id, partner, sink }) =>
      `the report ${id} with ${quoted(partner)} could not be written to the sink ${quoted(sink)}`,
    remedy: ({ id, sink }) =>
      `halfroom events --failed says why; then: halfroom reports send ${id} --to ${sink}`,
  },
  "session.failed": {
    means: "a session, or a proposal that was on its way, failed",
    asks: true,
    words: ({ id, partner, code, stage }) =>
      `the session ${id} with ${quoted(partner)} failed during ${stage}: ${code}`,
    remedy: ({ code }) => `docs/errors.md says of ${code} what to do.`,
  },
  "series.missed": {
    means: "a run of a series was not made, and what was reserved for it is free again",
    asks: true,
    words: ({ id, partner, run, why }) =>
      `run ${run} of the series ${id} with ${quoted(partner)} was missed: ${why}`,
    remedy: ({ id }) => `halfroom series show ${id} says why.`,
  },
  "series.ended": {
    means: "a series ended before its last run",
    asks: false,
    words: ({ id, partner, by }) =>
      `the series ${id} with ${quoted(partner)} was ended ${by === "us" ? "here" : "by the partner"}`,
    remedy: none,
  },
  "budget.low": {
    means: "80 % of what a policy allows is spent, or reserved by series",
    asks: true,
    words: ({ partner, dataset, of, percent }) =>
      `${percent} % of ${of} are spent or reserved, of what the policy for ${quoted(partner)} and ${quoted(dataset)} allows`,
    remedy: () => "halfroom ledger says when some of it comes back; at 100 % reports are refused.",
  },
  "expiry.near": {
    means: "a certificate, key, policy, template or API token ends within 30 days, within 7, or has ended",
    asks: true,
    words: ({ what, name, at, days }) =>
      `${name === "" ? `this node's ${what}` : `the ${what} ${quoted(name)}`} ${days < 0 ? "ended" : "ends"} on ${at.slice(0, 10)}`,
    remedy: () => "halfroom doctor says what to do.",
  },
  "partner.joined": {
    means: "somebody whom this node invited has joined, or it has joined somebody",
    asks: false,
    words: ({ partner }) => `${quoted(partner)} and this node have met`,
    remedy: none,
  },
  "partner.identity": {
    means: "a partner names a new identity, which a person has to confirm",
    asks: true,
    words: ({ partner }) => `${quoted(partner)} names a new identity`,
    remedy: ({ partner, fingerprint }) =>
      `Ask its people for the fingerprint, by telephone for example, and if it is this one: halfroom partners confirm ${partner} ${fingerprint}`,
  },
  "partner.followed": {
    means: "a partner uses another certificate, or the identity that a person here has confirmed",
    asks: false,
    words: ({ partner, what }) => `${quoted(partner)} uses another ${what} from now on`,
    remedy: none,
  },
  "partner.version": {
    means:
      "a partner speaks other versions of the protocol than before, or proposes one that this node does not speak",
    asks: true,
    words: ({ partner, versions, change }) =>
      change === "changed"
        ? `${quoted(partner)} speaks other versions of the protocol than before: ${versions}`
        : `${quoted(partner)} proposes a version of the protocol that this node does not speak`,
    remedy: ({ change }) => (change === "changed" ? "" : "Upgrade the older Halfroom."),
  },
  "opt-outs.unreadable": {
    means:
      "rows of a list of opt-outs, or datasets, could not be read, so that people in them were not found",
    asks: true,
    words: ({ rows, datasets }) =>
      `of a list of opt-outs ${rows} row${rows === 1 ? "" : "s"} could not be read, and ${datasets} dataset${datasets === 1 ? "" : "s"} could not be looked through`,
    remedy: () => "Correct the list, or the datasets, and add it again: halfroom suppress add.",
  },
  test: {
    means: "somebody tries a target: `halfroom events test`",
    asks: true,
    words: ({ target }) => `this is a test of ${quoted(target)}: nothing has happened`,
    remedy: none,
  },
};

const REFUSERS = {
  policy: "this node's policy",
  person: "a person here",
  partner: "the partner",
  nobody: "nobody: no one decided in time",
} as const;

export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

/** One sentence of an event without its full stop, and what to do about it. */
export function wordsOf({ type, facts }: NodeEvent): { readonly words: string; readonly remedy: string } {
  const { words, remedy } = EVENTS[type] as Kind<EventType>;
  return { words: words(facts), remedy: remedy(facts) };
}
