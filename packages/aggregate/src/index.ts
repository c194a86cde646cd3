export {
  GroupAsks,
  groupReceiver,
  groupSender,
  type GroupContext,
  type ReceiverGrouping,
} from "./protocol.ts";
export { creditReceiver, creditSender } from "./credit/protocol.ts";
export {
  inputColumns,
  NEVER,
  outputColumns,
  squareParts,
  type CreditContext,
  type CreditTerms,
} from "./credit/terms.ts";
