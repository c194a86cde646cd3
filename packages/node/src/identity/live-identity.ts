// The identity of an open node, which another process may have replaced.
import type { NodeFolder } from "../store/folder.ts";
import { loadIdentity, type Identity } from "./identity.ts";
import type { OwnIdentities } from "./own-identities.ts";

export interface LiveIdentity extends Identity {
  /** Reads the keys again if they are others than before; says whether they are. Errors: as `loadIdentity`; `damaged` also while they are being replaced. */
  refresh(): Promise<boolean>;
  /** Called whenever they are others, until the returned function is. */
  onChange(changed: () => void): () => void;
}

export function liveIdentity(folder: NodeFolder, own: OwnIdentities, first: Identity): LiveIdentity {
  let today = first;
  const watching = new Set<() => void>();
  return {
    async refresh() {
      const { fingerprint } = own;
      if (fingerprint === undefined || fingerprint === today.fingerprint) return false;
      today = await loadIdentity(folder);
      for (const changed of watching) changed();
      return true;
    },
    onChange(changed) {
      watching.add(changed);
      return () => void watching.delete(changed);
    },
    get fingerprint() {
      return today.fingerprint;
    },
    get signingKey() {
      return today.signingKey;
    },
    get tls() {
      return today.tls;
    },
    get number() {
      return today.number;
    },
    get successors() {
      return today.successors;
    },
    get privateKey() {
      return today.privateKey;
    },
    sign: (bytes) => today.sign(bytes),
  };
}
