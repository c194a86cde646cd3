export { otherRole, ROLES, type Role } from "@halfroom/mpc";
export {
  composeAgreement,
  readAgreement,
  signAgreement,
  verifyAgreement,
  type Agreement,
  type AgreementContent,
  type SignedAgreement,
  type Signatures,
} from "./agreement/agreement.ts";
export { opened, type Openings } from "./agreement/openings.ts";
export { keyFingerprint, publicKeyOf, signerOf, verifySignature } from "./agreement/keys.ts";
export {
  commitTo,
  decodeStatement,
  encodeStatement,
  type ReceiverStatement,
  type SenderStatement,
  type Statement,
} from "./agreement/statement.ts";
export { sessionError } from "./boundary.ts";
export { cellsOf, type ReceiverData, type SenderData, type SessionData } from "./data.ts";
export type { SessionInput } from "./input.ts";
export { SessionLink, type Stream, type StreamRecord } from "./link.ts";
export { StageMeter, type Observer, type StageTiming } from "./meter.ts";
export { runSession, type SessionOutcome, type ShareTable } from "./pipeline.ts";
export { PSEUDONYM_WORDS } from "./pseudonymise/keys.ts";
export type { Epoch, NewPseudonyms, PseudonymKeys, PseudonymStore } from "./pseudonymise/keys.ts";
export { commitToReport } from "./receipt/commitment.ts";
export { encodedItems, type HeldItems } from "./replay/check-items.ts";
export { heldData, sessionDataOf, type HeldData } from "./replay/held-data.ts";
export { replayOwnHalf, replaySession, type ReplayVerdict } from "./replay/replay.ts";
export type { ReplaySecrets, ReplaySide, ReplaySides } from "./replay/side.ts";
export {
  confirmAgain,
  decodeReceipt,
  encodeReceipt,
  exchangeReceipts,
  verifyReceipt,
  type Receipt,
  type Receipted,
} from "./receipt/receipt.ts";
export {
  composeSeries,
  readSeries,
  seriesName,
  SERIES_NONCE_BYTES,
  termsOfRun,
  type SeriesAgreement,
  type SignedSeries,
} from "./series/agreement.ts";
export {
  dueAt,
  isTimezone,
  lastMoment,
  localBefore,
  localDue,
  localTime,
  type Calendar,
} from "./series/calendar.ts";
export {
  LATE_SECONDS_MAX,
  LATE_SECONDS_MIN,
  runOf,
  scheduleOf,
  SERIES_NUMBERS_MAX,
  SERIES_RUNS_MAX,
  type RunOf,
  type Schedule,
} from "./series/schedule.ts";
export type { NewPeople, TellNewPeople } from "./series/new-people.ts";
export { agreeOnSeries, tellSeriesEnd } from "./series/talk.ts";
export { PARAMETERS_MAX, TEMPLATE_VERSION_MAX, type TemplateRun } from "./template/field.ts";
export {
  decodeTemplate,
  encodeTemplate,
  signTemplate,
  TEMPLATE_BYTES_MAX,
  templateDigest,
  type SignedTemplate,
} from "./template/signed.ts";
export { shardsHere } from "./shards/here.ts";
export {
  LostShard,
  type EnterStage,
  type KeepMessages,
  type ShardOutcome,
  type ShardRunner,
  type ShardTask,
} from "./shards/runner.ts";
export type { OwnStream, StreamEnd } from "./shards/own-streams.ts";
export { SHARDS_PER_THREAD } from "./shards/workers.ts";
export { SHARD_PEOPLE_MAX, SHARD_PEOPLE_MIN } from "./shards/sizes.ts";
export { ShardWorkers } from "./shards/workers.ts";
export type { Settled, Site, Unsigned } from "./site.ts";
export { numbersAtMost, releaseTripleWords, type TableSizes } from "./table/open-table.ts";
export { askPreview, propose, sendAnswer, type Answer } from "./talk/proposal.ts";
export { REASON_CODES, type Reason, type ReasonCode } from "./talk/reasons.ts";
export { isSenderBlind } from "./terms/blind.ts";
export { fewestToOpen, hasSpareCell, peopleBound, refusal } from "./terms/bounds.ts";
export { tellsBases } from "./terms/told-bases.ts";
export { NAME_LENGTH_MAX, nameField, toHex } from "./terms/fields.ts";
export { noiseComplaint, noisePlanOf } from "./terms/noise-plan.ts";
export {
  assertOnlyStricter,
  decodeTerms,
  carriedAs,
  encodeTerms,
  overLink,
  microEpsilon,
  readKeptTerms,
  REPORT_KINDS,
  requestDigest,
  THRESHOLD_FLOOR,
  WEIGHT_MAX,
  type Arms,
  type EventTerms,
  type MatchKey,
  type Measure,
  type ReleaseRule,
  transfersAs,
  type ReportKind,
  type Terms,
} from "./terms/terms.ts";
export { closeThreads, openThreads, type Threads } from "./threads.ts";
export { itemsPerPerson } from "./terms/bounds.ts";
export { expansionsOfShard, messagesOf, type MessageBytes } from "./traffic/messages.ts";
export { sentInAll, trafficOf, type Traffic } from "./traffic/traffic.ts";
export { PROTOCOL, VERSION_OLDEST, versionOf, VERSIONS } from "./terms/protocol.ts";
