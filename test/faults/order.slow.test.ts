// Every message of a session sent twice, and under the number of another type.
import { testOrder } from "./order.ts";
import { BEFORE_LAST, SENT_SILENTLY } from "./small-session.ts";

testOrder([...BEFORE_LAST, ...SENT_SILENTLY]);
