export { groupReceiver, groupSender, type GroupContext } from "./protocol.ts";
export { creditReceiver, creditSender } from "./credit/protocol.ts";
export { inputColumns, NEVER, outputColumns, type CreditContext, type CreditTerms } from "./credit/terms.ts";
