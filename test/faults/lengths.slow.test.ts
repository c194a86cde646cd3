// Every message of a session one byte short, and with one byte too many in a field.
import { testLengths } from "./lengths.ts";
import { BEFORE_LAST, SENT_SILENTLY } from "./small-session.ts";

testLengths([...BEFORE_LAST, ...SENT_SILENTLY]);
