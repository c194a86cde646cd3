// Which versions of the protocol this node speaks (protocol-spec.md, section 8.3). A version has one suite.
import { OPRF_SUITE } from "@halfroom/match";
import { ProtocolError } from "@halfroom/wire";

/** The newest version, which this node proposes. */
const VERSION = 3;
/** All that it speaks, the newest first. 1 and 2 have known attacks (their transfers and matrices are unchecked): they never come back. */
export const VERSIONS: readonly number[] = [VERSION];
/** The oldest version that any node may speak. */
export const VERSION_OLDEST = 3;
/** Most versions that a statement lists. */
export const VERSIONS_MAX = 16;

/** The version and its suite, as terms name them. */
export const PROTOCOL = `halfroom/${VERSION} ${OPRF_SUITE} softspoken`;

/** The number in a protocol's name; undefined for a name that is none of Halfroom's. */
export function versionOf(protocol: string): number | undefined {
  const number = /^halfroom\/([1-9]\d{0,8})(?= |$)/.exec(protocol)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * Whoever keeps a version from one of two sides makes them run an older one than they could; the signed lists show it. Errors:
 * `version`, unless `protocol` is the newest version that is in both lists.
 */
export function assertNewestCommon(
  protocol: string,
  ours: readonly number[],
  theirs: readonly number[],
): void {
  const common = ours.filter((version) => version >= VERSION_OLDEST && theirs.includes(version));
  if (common.length > 0 && versionOf(protocol) === Math.max(...common)) return;
  const newest = common.length === 0 ? "none" : `halfroom/${Math.max(...common)}`;
  throw new ProtocolError(
    "version",
    `the newest version that both sides speak is ${newest}, and the terms name another: upgrade the older Halfroom`,
  );
}

/** What terms of a version end with that this node does not speak. */
export function otherVersion(protocol: string): ProtocolError {
  const version = versionOf(protocol);
  const theirs = version === undefined ? "a protocol of another name" : `halfroom/${version}`;
  const ours = VERSIONS.map((spoken) => `halfroom/${spoken}`).join(", ");
  return new ProtocolError(
    "version",
    `the partner proposes ${theirs}, and this node speaks ${ours}: upgrade the older Halfroom`,
  );
}
