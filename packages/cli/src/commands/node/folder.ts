// What every command of a node begins and ends with: its folder opened, its errors in words.
import {
  InputError,
  nodeFolder,
  openNode,
  ProtocolError,
  RefusedError,
  SessionError,
  SetupError,
  StoreError,
  YamlError,
} from "@halfroom/node";
import type { HalfroomNode } from "@halfroom/node";
import { EXIT, Failure } from "../../failure.ts";

export interface HomeFlags {
  readonly home?: string | undefined;
}

/** Runs `work` on the node in the folder that the flags name, and closes it. Throws Failure. */
export async function withNode<T>(
  flags: HomeFlags,
  work: (node: HalfroomNode) => T | Promise<T>,
): Promise<T> {
  return await inWords(async () => {
    const node = await openNode(nodeFolder(flags.home));
    try {
      return await work(node);
    } finally {
      node.close();
    }
  });
}

/** Errors that have words for the user become a Failure with its exit code; any other stays as it is. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(cause: unknown): unknown {
  if (cause instanceof RefusedError) {
    const who = cause.by === "us" ? "refused by this node's own policy" : "refused by the partner";
    const lines = cause.reasons.map(({ words }) => `- ${words}`);
    return new Failure(EXIT.refused, [`${who}:`, ...lines].join("\n"), { cause });
  }
  if (cause instanceof ProtocolError) {
    const place = cause.phase === undefined ? "" : ` during ${cause.phase}`;
    const who = cause.fromPartner ? "the partner ended it: " : "";
    const exitCode = cause.code === "refused" ? EXIT.refused : EXIT.protocolFailure;
    return new Failure(exitCode, `${cause.code}${place}: ${who}${cause.message}`, { cause });
  }
  const mendable = [InputError, SetupError, SessionError, StoreError, YamlError];
  if (mendable.some((kind) => cause instanceof kind)) {
    return new Failure(EXIT.badInput, (cause as Error).message, { cause });
  }
  return cause;
}
