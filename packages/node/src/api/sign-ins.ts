// Who is signed in, ending that early, and which ways in belong to one person.
import { KINDS } from "../people/actor.ts";
import type { Link } from "../people/links.ts";
import type { LastingSignIn, Person } from "../people/sign-ins.ts";
import { termsOf } from "../people/terms.ts";
import { withState, type HalfroomNode } from "./node.ts";

export type SignInRecord = LastingSignIn;
export type LinkRecord = Link;

/** The sign-ins that last, by name. */
export async function listSignIns(node: HalfroomNode): Promise<SignInRecord[]> {
  return await withState(node, ({ signIns, settings, clock }) =>
    signIns.list(termsOf(settings), clock.now()),
  );
}

/**
 * Ends all sign-ins of one person who signs in that way, at once, and takes back what they have approved that still waits. They may sign in
 * again, unless they are removed, here or at the identity provider. Returns how many sign-ins there were.
 */
export async function endSignIns(
  node: HalfroomNode,
  { way, subject }: Pick<Person, "way" | "subject">,
): Promise<{ readonly ended: number }> {
  return await withState(node, ({ store, signIns, approvals, audit, clock }) =>
    store.transaction(() => {
      const ended = signIns.endOf(way, subject);
      const voided = approvals.voidOf({ kind: KINDS[way], subject });
      if (ended + voided > 0)
        audit.append("sign-ins-ended", { of: KINDS[way], subject, ended, approvals: voided }, clock.now());
      return { ended };
    }),
  );
}

/**
 * From now on what acts that way is the person of that name, the same as the user of that name: where two people have to approve, both ways
 * are one of them. Rejects with OperatorError `name`.
 */
export async function linkPerson(
  node: HalfroomNode,
  { way, subject, person }: Omit<LinkRecord, "linkedAt">,
): Promise<LinkRecord> {
  return await withState(node, ({ store, links, audit, clock }) => {
    const link = { way, subject, person, linkedAt: clock.now() };
    store.transaction(() => {
      links.add(link);
      audit.append("person-linked", { person, way, subject }, link.linkedAt);
    });
    return link;
  });
}

/** Whoever acts that way is somebody of their own again. Rejects with OperatorError `no-link`. */
export async function unlinkPerson(
  node: HalfroomNode,
  { way, subject }: Pick<LinkRecord, "way" | "subject">,
): Promise<void> {
  await withState(node, ({ store, links, audit, clock }) =>
    store.transaction(() => {
      const person = links.remove({ way, subject });
      audit.append("person-unlinked", { person, way, subject }, clock.now());
    }),
  );
}

/** By person. */
export async function listLinks(node: HalfroomNode): Promise<LinkRecord[]> {
  return await withState(node, ({ links }) => links.list());
}
