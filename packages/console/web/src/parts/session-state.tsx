// How a session stands.
import type { Session } from "../answers.ts";
import { STATES } from "../words/reports.ts";
import { sentence } from "../words/text.ts";
import { Tag } from "./basics.tsx";

const KIND_OF: Partial<Record<Session["state"], "good" | "bad" | "warn" | "accent">> = {
  done: "good",
  failed: "bad",
  refused: "bad",
  held: "warn",
  running: "accent",
};

export function SessionState({ session: { state, stage, code, reasons } }: { readonly session: Session }) {
  const more = state === "running" ? stage : state === "failed" ? code : undefined;
  return (
    <>
      <Tag kind={KIND_OF[state] ?? "plain"}>{STATES[state]}</Tag>
      {more !== undefined && <span class="hint"> {sentence(more)}</span>}
      {reasons.map(({ words }) => (
        <p class="hint">{sentence(words)}</p>
      ))}
    </>
  );
}
