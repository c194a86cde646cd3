// Which entries of the audit log are events. What happens is recorded there, in the transaction in which it happens; from the same place
// it is told, so that neither exists without the other.
import type { AuditFacts, AuditKind } from "../audit/audit.ts";
import type { NodeEvent } from "./kinds.ts";

const APPROVERS = ["policy", "template"] as const;

/** Undefined for an entry that is no event. */
export function eventOf(kind: AuditKind, facts: AuditFacts): NodeEvent | undefined {
  const text = (name: string) => String(facts[name] ?? "");
  const about = { id: text("id"), partner: text("partner") };
  switch (kind) {
    case "held":
      return { type: "approval.asked", facts: { ...about, reasons: codesIn(text("reasons")) } };
    case "template-held":
      return {
        type: "template.asked",
        facts: { id: text("digest"), partner: about.partner, name: text("template") },
      };
    case "approved":
      return {
        type: "proposal.approved",
        facts: { ...about, by: APPROVERS.find((by) => by === facts["by"]) ?? "person" },
      };
    case "denied":
      return { type: "proposal.refused", facts: { ...about, by: "person", reasons: "denied" } };
    case "refused":
      return { type: "proposal.refused", facts: { ...about, ...refusal(facts) } };
    case "released":
    case "stored-report-served":
      return {
        type: "session.done",
        facts: { ...about, session: text("session"), stored: kind === "stored-report-served" },
      };
    case "failed":
      return { type: "session.failed", facts: { ...about, stage: text("stage"), code: text("code") } };
    case "series-missed": {
      const [why = ""] = codesIn(text("why")).split(" ");
      return { type: "series.missed", facts: { ...about, run: Number(facts["run"] ?? 0), why } };
    }
    case "series-ended":
      return { type: "series.ended", facts: { ...about, by: facts["by"] === "us" ? "us" : "partner" } };
    case "partner-joined":
      return {
        type: "partner.joined",
        facts: { partner: about.partner, fingerprint: text("fingerprint") },
      };
    case "successor-held":
      return {
        type: "partner.identity",
        facts: { partner: about.partner, fingerprint: text("fingerprint") },
      };
    case "partner-followed":
      return { type: "partner.followed", facts: { partner: about.partner, what: text("what") } };
    case "suppressed":
      return unreadable(Number(facts["unread"] ?? 0), Number(facts["unreadable"] ?? 0));
    default:
      return undefined;
  }
}

function refusal(facts: AuditFacts) {
  const reasons = codesIn(String(facts["reasons"] ?? ""));
  const by = reasons === "lapsed" ? "nobody" : facts["by"] === "partner" ? "partner" : "policy";
  return { by, reasons } as const;
}

function unreadable(rows: number, datasets: number): NodeEvent | undefined {
  return rows + datasets === 0 ? undefined : { type: "opt-outs.unreadable", facts: { rows, datasets } };
}

const CODE = /^[a-z][a-z0-9-]{0,63}$/;
const CODES_MAX = 16;

/** A partner may write anything where its codes stand; what is no code is left out. */
function codesIn(text: string): string {
  return text
    .split(" ")
    .filter((code) => CODE.test(code))
    .slice(0, CODES_MAX)
    .join(" ");
}
