// What is fuzzed: a decoder with what its value encodes to, and the errors that it may answer with.

/** What an input is not to bring about. */
export class Fault extends Error {}

export interface Target {
  readonly name: string;
  /** Sources whose coverage says what is new. */
  readonly sources: RegExp;
  /** Words that the decoder looks for. */
  readonly words: readonly string[];
  readonly seeds: readonly Uint8Array[];
  /** Where a check or a length holds the bytes together: how the inner bytes that are changed become an input. */
  readonly wrap?: (inner: Uint8Array) => Uint8Array;
  /** Inputs that run before coverage is looked at. */
  readonly batch: number;
  /** Rejects with `Fault`. */
  run(input: Uint8Array): Promise<void>;
}

export interface Decoder {
  decode(input: Uint8Array): unknown;
  /** Of what was decoded; left out where many texts stand for one value. */
  encode?(value: never): Uint8Array;
  isTyped(error: unknown): boolean;
}

/** Longer than any decoder needs for an input of 64 KB, on a busy machine too. */
const SLOW_MS = 5000;

/** Either a value that encodes back to the same bytes, or a typed error, soon. */
export function runDecoder(decoder: Decoder, input: Uint8Array): void {
  const started = performance.now();
  decodeAndEncode(decoder, input);
  if (performance.now() - started > SLOW_MS) throw new Fault(`longer than ${SLOW_MS} ms`);
}

function decodeAndEncode({ decode, encode, isTyped }: Decoder, input: Uint8Array): void {
  const given = new Uint8Array(input);
  let value: unknown;
  try {
    value = decode(given);
  } catch (error) {
    if (!isTyped(error)) throw new Fault("another error than the decoder's own", { cause: error });
    return;
  }
  if (Buffer.compare(given, input) !== 0) throw new Fault("the decoder has changed its input");
  if (encode !== undefined && Buffer.compare(encode(value as never), input) !== 0)
    throw new Fault("decoded from bytes that it does not encode to");
}

/** Whether it has a code of this list, and is of the class that codes belong to. */
export function hasCode(error: unknown, name: string, codes: readonly string[]): boolean {
  return (
    error instanceof Error && error.name === name && codes.includes((error as { code?: string }).code ?? "")
  );
}
