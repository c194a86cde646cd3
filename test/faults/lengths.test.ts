// The first message of each type, one byte short and with one byte too many; lengths.slow.test.ts takes every message.
import { testLengths } from "./lengths.ts";
import { BEFORE_LAST, firstOfEachType, SENT_SILENTLY } from "./small-session.ts";

testLengths([...firstOfEachType(BEFORE_LAST), ...firstOfEachType(SENT_SILENTLY)]);
