// Transcripts for tests of a release alone, where nobody has a key.
import type { Transcript } from "@halfroom/release";
import type { OpenChannel } from "@halfroom/wire";

const NO_SIGNATURE = new Uint8Array(64);

/** The channel's digests, with zeros for signatures. */
export function unsigned(ch: Pick<OpenChannel, "transcript">): Transcript {
  return {
    digest: () => ch.transcript(),
    sign: () => NO_SIGNATURE,
    isSigned: (_, signature) => Buffer.compare(signature, NO_SIGNATURE) === 0,
  };
}
