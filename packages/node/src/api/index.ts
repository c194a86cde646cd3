export {
  EXIT,
  OPERATOR_ERRORS,
  OperatorError,
  type OperatorErrorCode,
  type OperatorErrorDetails,
  type OperatorErrorKind,
  type Problem,
} from "../errors.ts";
export { actingFor, openNode, type HalfroomNode } from "./node.ts";
export { initNode } from "./init.ts";
export {
  backup,
  listOwnBackups,
  planOwnBackup,
  readHeadLine,
  restore,
  saveHead,
  type BackupKeys,
  type BackupProgress,
  type HeadRecord,
  type MadeBackup,
  type OnBackup,
  type OwnBackup,
  type RestoredNode,
  type RestoreKeys,
} from "./backup.ts";
export { versionFacts, type VersionFacts } from "./version.ts";
export {
  addDataset,
  checkDataset,
  isRemote,
  kindOfFile,
  listDatasets,
  placedPath,
  readDefinition,
  removeDataset,
  writtenDataset,
  type DatasetDefinition,
  type DatasetFindings,
  type DatasetQuestion,
  type DatasetRecord,
} from "./datasets.ts";
export { addWorker, readCluster, removeWorker, type ClusterRecord, type WorkerRecord } from "./cluster.ts";
export { addPolicies, listPolicies, readPolicy, removePolicy, type PolicySource } from "./policies.ts";
export type { PolicyRecord, PolicyValue } from "../policy/fields.ts";
export {
  confirmPartner,
  invite,
  join,
  listPartners,
  movePartner,
  removePartner,
  type FollowedRecord,
  type InvitationRequest,
  type PartnerRecord,
} from "./partners.ts";
export { parseRequest, readRequest, type RequestRecord } from "./requests.ts";
export type { RequestSource } from "../request/request.ts";
export {
  askSeries,
  checkRequest,
  preview,
  run,
  type PolicyAnswer,
  type Preview,
  type RunRequest,
  type RunResult,
} from "./run.ts";
export type { RunEvent } from "../run/run-events.ts";
export type { SessionEvent } from "../run/session-job.ts";
export {
  rotate,
  rotateEpoch,
  rotateVault,
  type IdentityPart,
  type PartnerStanding,
  type Rotation,
} from "./rotate.ts";
export { openScratch } from "./scratch.ts";
export {
  exportReplay,
  isBundle,
  makeRecoveryKey,
  newRecoveryKey,
  readRecoveryKey,
  replayBundles,
  replayKept,
  type ReplayResult,
  useRecoveryKey,
} from "./replay.ts";
export { serve } from "./serve.ts";
export type { ServeEvent } from "../serve/serve-partner.ts";
export type { Serving } from "../serve/serve.ts";
export {
  approve,
  cancel,
  complete,
  deny,
  compareWithLast,
  policyChangesSince,
  disclose,
  listHeld,
  listSessions,
  readSession,
  type ComparedWithLast,
  type Decision,
  type SessionRecord,
} from "./sessions.ts";
export type { TermsDifference } from "../policy/term-differences.ts";
export type { Disclosure } from "../policy/describe.ts";
export {
  activate,
  listReports,
  readOpenings,
  readReceipt,
  readReport,
  verifyOwnReceipt,
  type ReceiptText,
  type ReportContent,
  type ReportRecord,
  type SentRecord,
} from "./reports.ts";
export { reportAs, trendAs, type ReportForm, type TrendForm } from "../reports/forms.ts";
export {
  endSeries,
  listSeries,
  readSeries,
  readTrend,
  type SeriesContent,
  type SeriesRecord,
  type SeriesRunRecord,
} from "./series.ts";
export {
  approveTemplate,
  checkTemplate,
  exportTemplate,
  importTemplateFile,
  listTemplateKinds,
  listTemplates,
  listWaitingTemplates,
  newTemplate,
  publishTemplate,
  readTemplate,
  removeTemplate,
  withdrawTemplate,
  type ParameterRecord,
  type TemplateContent,
  type TemplateDraft,
  type TemplateKind,
  type TemplateRecord,
  type TemplateText,
} from "./templates.ts";
export type { TemplateSource } from "../templates/ask.ts";
export { enrolWorker, work, type WorkerEnrolment, type Working } from "./worker.ts";
export { passOn, type Gating } from "./gateway.ts";
export type { ReceiptCheck, Verdict } from "../receipts/check.ts";
export type { OpeningsRecord } from "../receipts/openings.ts";
export {
  correctClock,
  readAudit,
  readBudgets,
  readLedger,
  verifyAudit,
  verifyLedger,
  type AuditPage,
  type BudgetRecord,
  type BudgetState,
  type LedgerRecord,
} from "./records.ts";
export type { AuditEntry, AuditFault, AuditVerdict } from "../audit/audit.ts";
export type { ClockChange } from "../ledger/clock.ts";
export type { LedgerGap } from "../ledger/against-log.ts";
export type { Page } from "../store/page.ts";
export {
  adoptSuppressList,
  listSuppressed,
  readSubject,
  suppress,
  unsuppress,
  type OptOutFile,
  type OptOutSource,
  type OptOutsRead,
  type SubjectRecord,
  type SuppressAddition,
  type Suppressed,
  type UnreadRows,
} from "./suppress.ts";
export {
  createToken,
  findToken,
  listTokens,
  revokeToken,
  type TokenRecord,
  type TokenRequest,
} from "./tokens.ts";
export {
  addUser,
  beginSignIn,
  changePassword,
  changeUserRole,
  findSignIn,
  hasUsers,
  listUsers,
  removeUser,
  resetUser,
  noteFailedSignIn,
  signIn,
  signOut,
  type GivenCredentials,
  type NewUser,
  type ShownSecret,
  type FailedSignIn,
  type SigningIn,
  type UserRecord,
} from "./people.ts";
export {
  endSignIns,
  linkPerson,
  listLinks,
  listSignIns,
  unlinkPerson,
  type LinkRecord,
  type SignInRecord,
} from "./sign-ins.ts";
export { actorText, thisAccount, type Actor } from "../people/actor.ts";
export type { ApprovalState } from "../sessions/two-people.ts";
export type { SignIn, Person } from "../people/sign-ins.ts";
export type { ApiRole } from "../console/api-roles.ts";
export {
  beginJob,
  claimKey,
  consoleSettings,
  endJob,
  isOwnHost,
  listJobs,
  nodeLog,
  noteSession,
  readJob,
  settleKey,
  type ConsoleSettings,
  type OpenIdSettings,
} from "./console.ts";
export type { Claim, KeyedRequest } from "../console/answered.ts";
export type { JobEnd, JobRecord } from "../console/jobs.ts";
export { doctor, type Finding } from "./doctor.ts";
export {
  deliverEvents,
  listEvents,
  listTargets,
  retryEvents,
  sendReport,
  testTarget,
  type DeliveryRecord,
  type EventQuestion,
  type EventRecord,
  type TargetRecord,
  type TestedTarget,
} from "./events.ts";
export type { Attempted } from "../events/deliver.ts";
export type { DeliveryState } from "../events/events.ts";
export type { EventType } from "../events/kinds.ts";
export { listEndings, type Ending } from "./endings.ts";
export { THRESHOLD_FLOOR } from "@halfroom/session";
export { DECIMALS_MAX } from "@halfroom/wire";
export type { Measure, Reason, ReleaseRule, ReportKind, Role, StageTiming } from "@halfroom/session";
export { groupedFingerprint } from "../identity/fingerprint.ts";
export { nodeFolder, type NodeFolder } from "../store/folder.ts";
