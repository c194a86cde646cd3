// What this program is, for a bug report and for a partner who asks.
import { loadKernel } from "@halfroom/crypto";
import { PROTOCOL } from "@halfroom/session";
import { buildFacts } from "../build.ts";

export interface VersionFacts {
  readonly version: string;
  /** Of the sources, with a plus where they were changed since; `unknown` if they were no repository. */
  readonly commit: string;
  /** The elliptic-curve kernel that this machine would use. */
  readonly kernel: string;
  /** What this node speaks with a partner, newest first. */
  readonly protocols: readonly string[];
}

/** Throws Error if HALFROOM_KERNEL names a kernel that is not to be had. */
export async function versionFacts(): Promise<VersionFacts> {
  const { name: kernel } = await loadKernel();
  return { ...buildFacts(), kernel, protocols: [PROTOCOL] };
}
