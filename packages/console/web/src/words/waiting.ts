// Whom what is held waits for.
import type { Session, Template } from "../answers.ts";
import type { House } from "../house.ts";
import { isForYou, isHere } from "./sessions.ts";
import { number } from "./text.ts";

export interface Held {
  readonly sessions: readonly Session[];
  /** Of ours; none for whoever may not see templates. */
  readonly templates: readonly Template[];
}

/** What waits for whoever looks, for other people here, and for partners. */
export interface Waits {
  readonly forYou: Held;
  readonly forOthers: Held;
  readonly elsewhere: Held["sessions"];
}

export function waitsOf({ sessions, templates }: Held, may: House["may"]): Waits {
  const here = sessions.filter(isHere);
  const isYours = (template: Template) => isTemplateForYou(template, may);
  return {
    forYou: { sessions: here.filter(isForYou), templates: templates.filter(isYours) },
    forOthers: {
      sessions: here.filter((session) => !isForYou(session)),
      templates: templates.filter((template) => !isYours(template)),
    },
    elsewhere: sessions.filter((session) => !isHere(session)),
  };
}

export function countOf({ sessions, templates }: Held): number {
  return sessions.length + templates.length;
}

/** Not once they have approved it. One that today's policy forbids is theirs to withdraw. */
function isTemplateForYou({ approvals }: Template, may: House["may"]): boolean {
  return may("approveTemplate") && approvals?.barred !== "approved";
}

/** "1 of 2" */
export function givenWords({ needed, given }: NonNullable<Template["approvals"]>): string {
  return `${number(given.length)} of ${number(needed)}`;
}
