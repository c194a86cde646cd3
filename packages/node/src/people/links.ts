// Who is one person under several ways of acting on the node: an administrator says so. Two people are asked for where a policy wants two,
// and somebody who has both a password here and the company's own sign-in is one of them.
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Actor, ActorKind } from "./actor.ts";
import { assertUserName } from "./users.ts";

/** What can be linked: a user of this node is the person of that name already, and a token is nobody. */
type LinkedWay = Extract<ActorKind, "openid" | "account">;

/** One way in which a person acts, beside the user of that name. */
export interface Link {
  readonly way: LinkedWay;
  /** As `Actor` has it: of `openid` the issuer and the claim `sub`, of `account` the number of the account. */
  readonly subject: string;
  /** The user whose way this is too; where there is none of that name, what several ways have in common. */
  readonly person: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
}

type WayAndSubject = Pick<Link, "way" | "subject">;

const SUBJECT_LENGTH_MAX = 1024;
const ACCOUNT = /^\d{1,10}$/;

interface Row {
  way: LinkedWay;
  subject: string;
  person: string;
  linked_at: number;
}

export class Links {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** One that was another person's is this one's now. Errors: `name`. */
  add({ way, subject, person, linkedAt }: Link): void {
    assertUserName(person);
    assertSubject(way, subject);
    const sql = "INSERT OR REPLACE INTO person_way (way, subject, person, linked_at) VALUES (?, ?, ?, ?)";
    this.#store.run(sql, way, subject, person, linkedAt);
  }

  /** Returns whose it was. Errors: `no-link`. */
  remove({ way, subject }: WayAndSubject): string {
    const person = this.#personOf(way, subject);
    if (person === undefined)
      throw new OperatorError(
        "no-link",
        `This ${way === "openid" ? "sign-in" : "account"} is linked to nobody; halfroom user links lists what is.`,
      );
    this.#store.run("DELETE FROM person_way WHERE way = ? AND subject = ?", way, subject);
    return person;
  }

  /** By person. */
  list(): Link[] {
    const sql = "SELECT * FROM person_way ORDER BY person, way, subject";
    return this.#store.all<Row>(sql).map(({ linked_at: linkedAt, ...rest }) => ({ ...rest, linkedAt }));
  }

  /** Whether both are one person, whichever way either acts. */
  isSamePerson(one: WhoActs, other: WhoActs): boolean {
    return this.#identityOf(one) === this.#identityOf(other);
  }

  #identityOf({ kind, subject }: WhoActs): string {
    const person = kind === "user" ? subject : kind === "token" ? undefined : this.#personOf(kind, subject);
    return JSON.stringify(person === undefined ? [kind, subject] : ["user", person]);
  }

  #personOf(way: LinkedWay, subject: string): string | undefined {
    const sql = "SELECT person FROM person_way WHERE way = ? AND subject = ?";
    return this.#store.get<Pick<Row, "person">>(sql, way, subject)?.person;
  }
}

type WhoActs = Pick<Actor, "kind" | "subject">;

function assertSubject(way: LinkedWay, subject: string): void {
  if (way === "account" && !ACCOUNT.test(subject))
    throw new OperatorError("name", "An account is named by its number, as `id -u NAME` prints it.");
  // OpenID Connect Core 1.0, section 2: at most 255 letters of ASCII, after the issuer.
  if (subject === "" || subject.length > SUBJECT_LENGTH_MAX || !/^[\x20-\x7e]+$/.test(subject))
    throw new OperatorError(
      "name",
      `${quoted(way)}: write the subject as halfroom user signed-in shows it, the issuer and a blank before it.`,
    );
}
