export type {
  MatchKey,
  Measure,
  Reason,
  ReleaseRule,
  ReportKind,
  Role,
  StageTiming,
  Terms,
} from "@halfroom/session";
export type { SessionEvent, SessionReport } from "./run/session-job.ts";
export { kernelSpeed, oprfSpeed, type OprfSpeed } from "./kernel-speed.ts";
export { ProtocolError } from "@halfroom/wire";
export { InputError } from "@halfroom/prepare";
export type { DatasetCheck } from "@halfroom/prepare";
export { BENCH_SOURCES, benchPrepare } from "@halfroom/prepare";
export type { BenchSource, PrepareSpeed } from "@halfroom/prepare";
export { nodeFolder, type NodeFolder } from "./folder/folder.ts";
export { readDefinition, writtenDataset } from "./config/definition.ts";
export { addDataset, addPolicies, removeDataset } from "./config/edit.ts";
export type { DatasetConfig } from "./config/schema.ts";
export { checkNodeDataset, type DatasetQuestion } from "./data/check-dataset.ts";
export { groupedFingerprint } from "./identity/fingerprint.ts";
export { initNode } from "./init-node.ts";
export { openNode, type HalfroomNode } from "./open-node.ts";
export { serve } from "./serve/serve.ts";
export type { ServeEvent } from "./serve/serve.types.ts";
export { openLog } from "./serve/log.ts";
export { assertOwnPolicy, initiate, previewAtPartner } from "./initiate/initiate.ts";
export { planReport, type Plan } from "./initiate/plan.ts";
export type { RunEvent } from "./initiate/initiate.types.ts";
export { approveProposal, denyProposal, discloseSession } from "./operations/decide.ts";
export { examine } from "./operations/doctor.ts";
export { invite, join } from "./operations/meet.ts";
export { suppress } from "./operations/suppress.ts";
export { describe } from "./policy/describe.ts";
export { formatEpsilon } from "./policy/evaluate.ts";
export type { Disclosure } from "./policy/policy.types.ts";
export { printReceipt } from "./receipts/print.ts";
export { parseRequest, readRequest } from "./request/request.ts";
export type { ReportRequest } from "./request/request.types.ts";
export { RefusedError } from "./refused-error.ts";
export { SessionError } from "./sessions/sessions.ts";
export type { SessionRow } from "./sessions/sessions.types.ts";
export { SetupError } from "./setup-error.ts";
export { StoreError } from "./store/store.ts";
export { YamlError } from "./yaml/yaml-error.ts";
export { Scratch, scratchPath } from "./store/scratch.ts";
export { versionFacts } from "./version.ts";
export type { VersionFacts } from "./version.ts";
