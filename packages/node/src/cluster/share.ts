// What leader and workers both see: for each session a place of random name, in it the inputs and results of its blocks and the session's
// key for each worker, all sealed. It is a folder, or a part of an S3-compatible store.
import { OperatorError } from "../errors.ts";

/** Of a session's place. */
export const SESSION = /^[0-9a-f]{32}$/;
/** Says whose share it is, so that no worker or second node takes it for another's. */
export const OWNER_FILE = "halfroom-node";

export type BlockFile = "in" | "out";

export interface Share {
  /** What the setting says: a folder's path, or s3://BUCKET/PREFIX. */
  readonly name: string;
  /** The node whose share it is, as its leader has written it; undefined before its first start. Errors: `cluster`. */
  owner(): Promise<string | undefined>;
  /** Errors: `cluster`, if it cannot be written to. */
  setOwner(fingerprint: string): Promise<void>;
  /** Makes the place of a session. */
  make(session: string): Promise<void>;
  /** Removes it with all that is in it. What cannot be removed now stays, without an error, for the next start. */
  removeAll(session: string): Promise<void>;
  /** All whose place is there, or something that was left of it. */
  sessions(): Promise<string[]>;
  /** Whether the session's place is there: it is not once the session is over. */
  has(session: string): Promise<boolean>;
  hasFile(session: string, name: string): Promise<boolean>;
  /** The sealed bytes, at most so many; undefined if there is no such file. Errors: those of the system or store; RangeError for a longer file. */
  read(session: string, name: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /** Whole or not at all. Errors: those of the system or store; SessionOver, and then it leaves nothing. */
  write(session: string, name: string, bytes: Uint8Array): Promise<void>;
  remove(session: string, name: string): Promise<void>;
  close(): void;
}

/** Nothing can be written for a session that is over. */
export class SessionOver extends Error {}

/** Makes it the share of the node with this id. Errors: `cluster`, if it is another node's, or cannot be written to. */
export async function claimShare(share: Share, nodeId: string): Promise<void> {
  const owner = await share.owner();
  if (owner !== undefined && owner !== nodeId)
    throw new OperatorError(
      "cluster",
      `${share.name} is the share of another node; name one of its own in \`share\` (HALFROOM_SHARE).`,
    );
  await share.setOwner(nodeId);
}

/** The name of a block's file. */
export const blockFile = (block: number, what: BlockFile) => `${block}.${what}`;
/** The name of the file with a session's key for a worker. */
export const keyFile = (worker: string) => `${worker}.key`;

/** Undefined for anything but s3://BUCKET or s3://BUCKET/PREFIX. */
export function bucketAndPrefix(
  text: string,
): { readonly bucket: string; readonly prefix: string } | undefined {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z\d][a-z\d.-]{1,61}[a-z\d])(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket === undefined || !/^[\w.\-/]{0,512}$/.test(prefix) || prefix.includes("//")) return undefined;
  return { bucket, prefix: prefix.replace(/\/$/, "") };
}
