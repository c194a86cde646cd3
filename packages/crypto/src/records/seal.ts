// Pages that leave memory, sealed with AES-256-GCM (NIST SP 800-38D) under a key that lives in memory alone, with the page's number as
// nonce: no number comes twice, and no page passes for another.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The folder cannot be written to or read from. Its message has no path and nothing of a record. */
export class ScratchError extends Error {
  override readonly name = "ScratchError";
  readonly code = "scratch";
}

export class PageSeal {
  readonly #key = randomBytes(KEY_BYTES);
  #pages = 0;

  /** The page and its tag, under a number of its own. */
  seal(page: Uint8Array): { readonly number: number; readonly sealed: Uint8Array } {
    const number = this.#pages++;
    const cipher = createCipheriv(CIPHER, this.#key, nonceOf(number));
    return { number, sealed: Buffer.concat([cipher.update(page), cipher.final(), cipher.getAuthTag()]) };
  }

  /** In a buffer of its own. Errors: ScratchError, if it is not what was sealed under this number. */
  open(number: number, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, this.#key, nonceOf(number));
    decipher.setAuthTag(sealed.subarray(end));
    const page = new Uint8Array(end);
    page.set(decipher.update(sealed.subarray(0, end)));
    try {
      decipher.final();
    } catch (cause) {
      throw new ScratchError("a page in the scratch folder is not what was written there", { cause });
    }
    return page;
  }
}

/** Of a sealed page of so many bytes. */
export function sealedBytes(page: number): number {
  return page + TAG_BYTES;
}

export function scratchError(cause: unknown): ScratchError {
  const code = (cause as NodeJS.ErrnoException).code ?? "error";
  return new ScratchError(`the scratch folder cannot be written to or read from (${code})`, { cause });
}

function nonceOf(number: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64LE(BigInt(number));
  return nonce;
}
