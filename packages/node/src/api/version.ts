// What this program is, for a bug report and for a partner who asks.
import { loadKernel } from "@halfroom/crypto";
import { PROTOCOL } from "@halfroom/session";

/** Of the build, put in by it; undefined where the sources run as they are. */
declare const HALFROOM_RELEASE: { readonly version: string; readonly commit?: string } | undefined;

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
  const release = typeof HALFROOM_RELEASE === "undefined" ? undefined : HALFROOM_RELEASE;
  const { name: kernel } = await loadKernel();
  const { version = "unbuilt", commit = "unknown" } = release ?? {};
  return { version, commit, kernel, protocols: [PROTOCOL] };
}
