export { groupReceiver, groupSender, type GroupContext } from "./protocol.ts";
export { creditReceiver, creditSender, type CreditSeeds } from "./credit/protocol.ts";
export { eventCodes } from "./credit/steps.ts";
export {
  creditColumns,
  creditInputColumns,
  TIME_LIMIT,
  type CreditContext,
  type CreditTerms,
} from "./credit/terms.ts";
