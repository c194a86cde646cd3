// A partner whose software knows no series ends terms that have one as malformed (protocol-spec.md, section 8.7): what to do about it is for this
// side's people to say to theirs.
import { scheduleOf, type Terms } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";

/** The error with a remedy, if the partner could not read terms that ask for a series; any other as it is. */
export function unreadThere(error: unknown, terms: Terms): unknown {
  const schedule = scheduleOf(terms);
  const isUnread = error instanceof ProtocolError && error.fromPartner && error.code === "malformed";
  if (schedule === undefined || !isUnread) return error;
  const words = `the partner's node cannot read a request for a series: Halfroom 0.2.0 and older know none, so ask its people for their version (halfroom --version) and to upgrade; if it is newer, its machine does not know the time zone ${schedule.timezone}. Nothing was agreed on or spent`;
  return new ProtocolError("malformed", words, { fromPartner: true, cause: error });
}
