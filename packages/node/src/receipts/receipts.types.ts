// The co-signed receipt of a session; both sides hold the same content.
import type { AgreementText, Signatures } from "../agreement/agreement.types.ts";

export interface Receipt {
  readonly agreement: AgreementText;
  /** On the agreement. */
  readonly signatures: Signatures;
  /** Digest of the released table, 32 bytes. */
  readonly report: Uint8Array;
  /** On session id and report digest. */
  readonly receiptSignatures: Signatures;
  /** Ed25519 public keys, SPKI in DER. */
  readonly publicKeys: Signatures;
}
