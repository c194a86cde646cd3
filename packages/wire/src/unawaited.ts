// Work that nobody awaits: what timers, events and callbacks of the system run, and promises that are let go. What it throws would end
// the process with all of its sessions, whoever brought it about, so it goes through one of these two, which say what happens instead.
import { ProtocolError } from "./errors.ts";

/** What `error` is to the protocol: itself, or a defect of this side. */
export function protocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : new ProtocolError("internal", undefined, { cause: error });
}

/** `work` as a callback that does not throw; what it threw is for `failed`, with what it was called with. */
export function guarded<Args extends readonly unknown[]>(
  work: (...args: Args) => void,
  failed: (error: ProtocolError, ...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      work(...args);
    } catch (error) {
      atLast(() => failed(protocolError(error), ...args));
    }
  };
}

/** Begins `work`, which goes on by itself; what it throws or rejects with is for `failed`. */
export function detached(work: () => Promise<unknown>, failed: (error: ProtocolError) => void): void {
  const begun = new Promise((resolve) => resolve(work()));
  begun.catch((error: unknown) => atLast(() => failed(protocolError(error))));
}

/** For what fails without a consequence. */
export function ignored(): void {}

/** Nobody is left who could be told that this fails as well. */
function atLast(failed: () => void): void {
  try {
    failed();
  } catch {
    // The process goes on.
  }
}
