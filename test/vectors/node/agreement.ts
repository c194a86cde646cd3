// From accepted terms to two signatures (protocol-spec.md, sections 8.2 to 8.4), frame by frame. The sender proposes.
import { encodeParts } from "@halfroom/crypto";
import { signerOf, type Role } from "@halfroom/session";
import { composeAgreement, signAgreement } from "../../../packages/session/src/agreement/agreement.ts";
import type {
  ReceiverStatement,
  SenderStatement,
} from "../../../packages/session/src/agreement/statement.ts";
import { commitTo, encodeStatement } from "../../../packages/session/src/agreement/statement.ts";
import { encodeTerms } from "../../../packages/session/src/terms/terms.ts";
import { answerStored, askForStored } from "../../../packages/session/src/talk/stored.ts";
import { encodeReasons } from "../../../packages/session/src/talk/reasons.ts";
import { fixedBytes, IDENTITIES } from "./identities.ts";
import { EXACT } from "./terms.ts";
import { frame, hex, text } from "./text.ts";

const NOTHING = new Uint8Array(0);

const saltsOf = (role: Role) => ({
  data: fixedBytes(`${role}'s data salt`),
  filter: fixedBytes(`${role}'s filter salt`),
  seed: fixedBytes(`${role}'s seed salt`),
});
const SALTS = {
  sender: saltsOf("sender"),
  receiver: saltsOf("receiver"),
};
const SEEDS = { sender: fixedBytes("sender's seed"), receiver: fixedBytes("receiver's seed") };
/** Neither side has a report to serve. */
const NO_REPORT = {
  sender: fixedBytes("sender has no report"),
  receiver: fixedBytes("receiver has no report"),
};
/** Of a report that both could serve, in hex. */
const STORED = hex(fixedBytes("session of a stored report"));
const DIGESTS = { sender: fixedBytes("sender's data"), receiver: fixedBytes("receiver's data") };
const FILTERS = { sender: "country = 'DE'", receiver: "" };

const SENDER: SenderStatement = {
  role: "sender",
  nonce: fixedBytes("sender's nonce"),
  fingerprint: IDENTITIES.sender.keyFingerprint,
  versions: [3],
  last: undefined,
  at: Date.UTC(2026, 10, 29, 18, 0),
  people: 20_000,
  data: commitTo("data", SALTS.sender.data, DIGESTS.sender),
  filter: commitTo("filter", SALTS.sender.filter, FILTERS.sender),
  seed: commitTo("seed", SALTS.sender.seed, SEEDS.sender),
  epoch: 1,
  // The generator of ristretto255: the public key of the secret key 1.
  epochKey: new Uint8Array(
    Buffer.from("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", "hex"),
  ),
  epochEndsAt: Date.UTC(2026, 11, 29),
  categories: 1,
};

const RECEIVER: ReceiverStatement = {
  role: "receiver",
  nonce: fixedBytes("receiver's nonce"),
  fingerprint: IDENTITIES.receiver.keyFingerprint,
  versions: [3],
  last: fixedBytes("last session"),
  at: Date.UTC(2026, 10, 29, 18, 0, 1),
  people: 30_000,
  data: commitTo("data", SALTS.receiver.data, DIGESTS.receiver),
  filter: commitTo("filter", SALTS.receiver.filter, FILTERS.receiver),
  seed: commitTo("seed", SALTS.receiver.seed, SEEDS.receiver),
  cells: [64],
  step: 1024,
  evaluations: 30_720,
};

export const AGREEMENT = composeAgreement(EXACT, SENDER, RECEIVER);

export const SIGNATURES = {
  sender: signAgreement(AGREEMENT, "sender", signerOf(IDENTITIES.sender.privateKey)),
  receiver: signAgreement(AGREEMENT, "receiver", signerOf(IDENTITIES.receiver.privateKey)),
};

export function agreementVector() {
  const terms = encodeTerms(EXACT);
  const [sender, receiver] = [encodeStatement(SENDER), encodeStatement(RECEIVER)];
  const proposal = fixedBytes("proposal").subarray(0, 16);
  const commitments = (role: "sender" | "receiver") => ({
    dataSalt: hex(SALTS[role].data),
    dataDigest: hex(DIGESTS[role]),
    filterSalt: hex(SALTS[role].filter),
    filter: FILTERS[role],
    seedSalt: hex(SALTS[role].seed),
    seed: hex(SEEDS[role]),
  });
  return {
    commitments: { sender: commitments("sender"), receiver: commitments("receiver") },
    stored: {
      asked: hex(askForStored(STORED, SENDER.nonce)),
      answered: hex(answerStored(STORED, SENDER.nonce, RECEIVER.nonce)),
      session: STORED,
    },
    statements: { sender: text(sender), receiver: text(receiver) },
    agreement: text(AGREEMENT.bytes),
    hashed: hex(encodeParts("agreement", NOTHING, [AGREEMENT.bytes])),
    session: hex(AGREEMENT.session),
    signed: {
      sender: hex(encodeParts("agreement/signature", AGREEMENT.session, ["sender", AGREEMENT.bytes])),
      receiver: hex(encodeParts("agreement/signature", AGREEMENT.session, ["receiver", AGREEMENT.bytes])),
    },
    signatures: { sender: hex(SIGNATURES.sender), receiver: hex(SIGNATURES.receiver) },
    frames: {
      sender: [
        frame(0, { type: "propose", proposal, terms }),
        frame(1, { type: "statement", statement: sender, stored: NO_REPORT.sender }),
        frame(2, { type: "signature", signature: SIGNATURES.sender }),
      ],
      receiver: [
        frame(0, { type: "answer", decision: "queued", terms, reasons: encodeReasons([]), people: 1000 }),
        frame(1, { type: "answer", decision: "accept", terms, reasons: encodeReasons([]), people: 1000 }),
        frame(2, { type: "statement", statement: receiver, stored: NO_REPORT.receiver }),
        frame(3, { type: "signature", signature: SIGNATURES.receiver }),
      ],
    },
    refusal: frame(0, {
      type: "answer",
      decision: "refuse",
      terms,
      reasons: encodeReasons([
        { code: "exact", words: "exact reports are not allowed here; ask for a report with noise" },
      ]),
      people: 1000,
    }),
  };
}
