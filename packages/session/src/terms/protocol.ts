// Which protocol this is.
import { OT_SOURCE } from "@halfroom/mpc";

/** Version of the protocol and its suite; any difference ends the session with `version`. */
export const PROTOCOL = `halfroom/3 ristretto255-SHA512 ${OT_SOURCE}`;
