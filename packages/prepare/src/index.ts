export { parseDecimal } from "./decimal.ts";
export { INPUT_ERRORS, InputError } from "./errors.ts";
export type { InputErrorCode, InputErrorPlace } from "./errors.ts";
export { datasetSchema, KEYS_MAX } from "./dataset/schema.ts";
export type { Dataset, DatasetInput } from "./dataset/schema.ts";
export { pathsOf, placedPath, placedSource } from "./dataset/source.ts";
export { labelExpression } from "./dataset/label-sql.ts";
export { keyLabelOf } from "./dataset/request.ts";
export type { EntriesRequest, MeasureRequest, PrepareRequest } from "./dataset/request.ts";
export { PROFILE_NAMES, profileOf } from "./identifiers/profiles.ts";
export { LACKING, type EncodedItems } from "./keys/items.ts";
export { encodeIdentifier, keyLabel } from "./identifiers/rules.ts";
export { preparePeople } from "./prepared.ts";
export type { PreparedPeople, PrepareOptions } from "./prepared.ts";
export { prepareSender, prepareSenderDataset } from "./sender.ts";
export type { Clipped, MeasureColumn, PreparedEvents, PreparedSender, SenderPeople } from "./sender.ts";
export { prepareReceiver, prepareReceiverDataset } from "./receiver.ts";
export type { Partition, PreparedReceiver, ReceiverPeople } from "./receiver.ts";
export { checkDataset } from "./check/check.ts";
export type { PeopleInCells } from "./people/fetch.ts";
export {
  heldReceiver,
  heldSender,
  receiverColumns,
  senderColumns,
  type HeldReceiver,
  type HeldSender,
} from "./held.ts";
export { NO_CELL, peopleOfCells } from "./people/bases.ts";
export { AFTER_ALL, BEFORE_ALL } from "./rows/moment.ts";
export type { CheckRequest, DatasetCheck } from "./check/check.ts";
export { ENCODINGS } from "./sources/encodings.ts";
export { isRemote } from "./sources/objects/names.ts";
export { kindOfFile, type FileKind } from "./sources/kinds.ts";
export type { DroppedRows, RowCounts, RowPlace } from "./tally.ts";
