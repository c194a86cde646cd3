// From accepted terms to a signed agreement:
//
//     sender                                          receiver
//     statement, tag of a stored report or none   ->  counts the evaluations that it needs under the sender's key
//                                                <-   statement, tag of the same stored report or none
//     draws its noise                                 draws its noise
//     signature                                 <->   signature
//
// Both compose the agreement from the same terms and both statements; a signature on anything else does not verify.
import type { Rng } from "@halfroom/crypto";
import type { EncodedItems } from "@halfroom/prepare";
import { otherRole, type Role } from "@halfroom/mpc";
import { ProtocolError, type Channel } from "@halfroom/wire";
import {
  composeAgreement,
  signAgreement,
  verifyAgreement,
  type Agreement,
  type SignedAgreement,
} from "../agreement/agreement.ts";
import { keyFingerprint, publicKeyOf } from "../agreement/keys.ts";
import type { Openings } from "../agreement/openings.ts";
import { statedPeople } from "../agreement/stated-people.ts";
import {
  commitTo,
  decodeStatement,
  encodeStatement,
  type ReceiverStatement,
  type SenderStatement,
} from "../agreement/statement.ts";
import { categoriesOf, cellsOf, type ReceiverData, type SenderData, type SessionData } from "../data.ts";
import type { SessionInput } from "../input.ts";
import { assertTable, drawSideNoise, type SideNoise } from "../table/open-table.ts";
import { assertWholeSteps, roundedStep } from "../pseudonymise/enrolment.ts";
import { receiverPseudonyms, SenderPseudonyms, type Pseudonyms } from "../pseudonymise/pseudonyms.ts";
import { drawSecrets, enrolmentRng, sessionRng, type StatementSecrets } from "../randomness.ts";
import { SessionItems } from "../pseudonymise/session-items.ts";
import { onlyNew, type NewPeople } from "../series/new-people.ts";
import { hasSpareCell, itemsPerPerson } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";
import { answerStored, askForStored, recogniseStored } from "./stored.ts";

type AgreeChannel = Channel<"statement" | "signature", "statement" | "signature">;

/** Either a report that both sides have already, or an agreement and the pseudonyms to run it with. */
export type Agreed =
  | { readonly stored: string }
  | {
      readonly stored: undefined;
      readonly signed: SignedAgreement;
      readonly pseudonyms: Pseudonyms;
      /** This side's data as it enters the table: under terms with `newPeople` the receiver's other people are in no cell. */
      readonly data: SessionData;
      readonly rng: Rng;
      /** This side's, for the release; undefined in an exact report. */
      readonly noise: SideNoise | undefined;
    };

/** Both statements, and what this side pseudonymises with. */
interface Stated {
  readonly sender: SenderStatement;
  readonly receiver: ReceiverStatement;
  /** The session in hex whose report both sides have, if the sender named one. */
  readonly stored: string | undefined;
  readonly pseudonyms: Pseudonyms;
  readonly data: SessionData;
  /** What the partner sent for a stored report. */
  readonly partnersTag: Uint8Array;
}

/**
 * Errors: `malformed`; `version` if another one is the newest that both speak; `agreement` for another role, identity or agreement than the pinned one; `refused` for a table that no
 * session can have; those of the site. `onSigned` is called once both signatures hold: nothing more goes over `ch`.
 */
export async function agree(
  ch: AgreeChannel,
  input: SessionInput,
  onSigned: () => void = () => undefined,
): Promise<Agreed> {
  const { data, rng } = input;
  const secrets = drawSecrets(rng);
  const {
    sender,
    receiver,
    stored,
    pseudonyms,
    data: counted,
    partnersTag,
  } = data.role === "sender"
    ? await stateAsSender(ch, input, data, secrets)
    : await stateAsReceiver(ch, input, data, secrets);
  try {
    if (stored === undefined) {
      const agreement = composeAgreement(input.terms, sender, receiver);
      assertColumnsMake(input.terms, sender, receiver);
      const sizes = { sender, receiver };
      assertTable(input.terms, sizes);
      input.site.accept(agreement);
      const ofSession = sessionRng(secrets, { session: agreement.session, role: data.role });
      const noise = drawSideNoise(input.terms, sizes, data.role, ofSession);
      const signed = await exchangeSignatures(ch, agreement, data.role, input.site);
      onSigned();
      const { keys, site } = input;
      site.takeUp(signed, openingsOf(input, secrets), {
        ...secrets,
        epoch: keys.role === "sender" ? keys.epoch : undefined,
        partnerKey: site.partnerKey,
        missing: pseudonyms.missing,
        filter: site.filter,
        roundPeopleTo: input.roundPeopleTo,
        stored: site.stored,
        partnersTag,
      });
      return { stored, signed, pseudonyms, data: counted, rng: ofSession, noise };
    }
  } catch (error) {
    await pseudonyms.stop();
    throw error;
  }
  await pseudonyms.stop();
  return { stored };
}

async function stateAsSender(
  ch: AgreeChannel,
  input: SessionInput,
  data: SenderData,
  secrets: StatementSecrets,
): Promise<Stated> {
  const { keys, site, pool, terms, takeIdentifiers, scratch } = input;
  if (keys.role !== "sender") throw new RangeError("a sender needs the key of its epoch");
  const { number: epoch, publicKey: epochKey, endsAt: epochEndsAt } = keys.epoch;
  const items = await SessionItems.of(takeIdentifiers(), data.people.people * itemsPerPerson(terms), scratch);
  const own = new SenderPseudonyms(items, keys.epoch, keys.store, pool, scratch);
  try {
    const categories = categoriesOf(data.people);
    const sender = {
      role: "sender",
      ...common(input, secrets),
      epoch,
      epochKey,
      epochEndsAt,
      categories,
    } as const;
    const [named] = site.stored;
    await ch.send({
      type: "statement",
      statement: encodeStatement(sender),
      stored: named === undefined ? secrets.noTag : askForStored(named, secrets.nonce),
    });
    const answer = await ch.recv("statement");
    const receiver = decodeStatement(answer.statement, "receiver", keyFingerprint(site.partnerKey));
    assertWholeSteps(receiver, receiver.people * itemsPerPerson(terms));
    const both =
      named !== undefined &&
      Buffer.compare(answer.stored, answerStored(named, secrets.nonce, receiver.nonce)) === 0;
    const stored = both ? named : undefined;
    const partnersTag = new Uint8Array(answer.stored);
    return { sender, receiver, stored, partnersTag, data, pseudonyms: own.forSession(receiver.evaluations) };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

/** The receiver makes its statement from the sender's, whose key it needs to know whom it lacks. */
async function stateAsReceiver(
  ch: AgreeChannel,
  input: SessionInput,
  data: ReceiverData,
  secrets: StatementSecrets,
): Promise<Stated> {
  const { keys, site, pool, terms, takeIdentifiers, roundPeopleTo, scratch } = input;
  if (keys.role !== "receiver") throw new RangeError("a receiver has no key of an epoch");
  const asked = await ch.recv("statement");
  const sender = decodeStatement(asked.statement, "sender", keyFingerprint(site.partnerKey));
  const stored = recogniseStored(asked.stored, site.stored, sender.nonce);
  if (pool.kernel.firstInvalid(sender.epochKey) !== -1)
    throw new ProtocolError("point", "the partner states an OPRF key that is none");
  const store = keys.open(sender.epochKey, sender.epochEndsAt);
  const each = itemsPerPerson(terms);
  const encoded = takeIdentifiers();
  const told = await newPeopleOf(input, sender, encoded);
  const items = await SessionItems.of(encoded, data.people.people * each, scratch);
  const step = roundedStep(items.places, roundPeopleTo, each);
  const pseudonyms = await receiverPseudonyms(
    items,
    sender.epochKey,
    store,
    pool,
    scratch,
    enrolmentRng(secrets),
    step,
    told?.keep,
  );
  const { evaluations } = pseudonyms;
  const receiver = {
    role: "receiver",
    ...common(input, secrets),
    cells: cellsOf(data.people, terms),
    step,
    evaluations,
  } as const;
  await ch.send({
    type: "statement",
    statement: encodeStatement(receiver),
    stored: stored === undefined ? secrets.noTag : answerStored(stored, sender.nonce, secrets.nonce),
  });
  const counted = told === undefined ? data : { ...data, people: await onlyNew(data.people, told.isNew) };
  return {
    sender,
    receiver,
    stored,
    pseudonyms,
    data: counted,
    partnersTag: new Uint8Array(asked.stored),
  };
}

/** Undefined under terms that count everybody. */
async function newPeopleOf(
  { terms, newPeople }: SessionInput,
  sender: SenderStatement,
  items: EncodedItems,
): Promise<NewPeople | undefined> {
  if (terms.newPeople === undefined) return undefined;
  if (newPeople === undefined) throw new RangeError("a receiver of such terms tells who is new");
  return await newPeople(sender, items);
}

/** The members that both statements have. */
function common(
  { data, site, terms, roundPeopleTo }: SessionInput,
  { nonce, seed, salts }: StatementSecrets,
) {
  return {
    nonce,
    fingerprint: keyFingerprint(site.signingKey),
    versions: site.versions,
    last: site.last === undefined ? undefined : fromHex(site.last),
    at: site.now(),
    people: statedPeople(data.people.people, roundPeopleTo, itemsPerPerson(terms)),
    data: commitTo("data", salts.data, data.digest),
    filter: commitTo("filter", salts.filter, site.filter),
    seed: commitTo("seed", salts.seed, seed),
  };
}

function openingsOf({ data, site }: SessionInput, { salts }: StatementSecrets): Openings {
  return {
    data: { salt: salts.data, digest: data.digest },
    filter: { salt: salts.filter, text: site.filter },
  };
}

/**
 * Without columns all people are one cell, and one category: a side that stated more would get numbers that nobody agreed to.
 * Errors: `agreement`.
 */
function assertColumnsMake(
  terms: Terms,
  { categories }: SenderStatement,
  { cells }: ReceiverStatement,
): void {
  const { senderGroupBy, partitions } = terms;
  const withSpare = hasSpareCell(terms) ? 2 : 1;
  if (partitions.some((groupBy, i) => groupBy.length === 0 && cells[i]! > withSpare))
    throw new ProtocolError("agreement", "the receiver states several cells of a partition without columns");
  if (senderGroupBy.length === 0 && categories > 1)
    throw new ProtocolError("agreement", "the sender states several categories without columns");
}

/** Errors: `agreement` unless the partner signed this very agreement under its pinned key. */
async function exchangeSignatures(
  ch: Channel<"signature", "signature">,
  agreement: Agreement,
  ours: Role,
  { sign, partnerKey }: SessionInput["site"],
): Promise<SignedAgreement> {
  const signature = signAgreement(agreement, ours, sign);
  await ch.send({ type: "signature", signature });
  const theirs = await ch.recv("signature");
  verifyAgreement(agreement, otherRole(ours), theirs.signature, publicKeyOf(partnerKey));
  const signatures = { [ours]: signature, [otherRole(ours)]: theirs.signature } as Record<Role, Uint8Array>;
  return { agreement, signatures };
}

function fromHex(session: string): Uint8Array {
  return new Uint8Array(Buffer.from(session, "hex"));
}
