// What the build put in.

/** Undefined where the sources run as they are. */
declare const HALFROOM_RELEASE: { readonly version: string; readonly commit?: string } | undefined;

/** Version and commit of this program, where it was built. */
export function buildFacts(): { readonly version: string; readonly commit: string } {
  const release = typeof HALFROOM_RELEASE === "undefined" ? undefined : HALFROOM_RELEASE;
  const { version = "unbuilt", commit = "unknown" } = release ?? {};
  return { version, commit };
}
