// A node's folder with many old entries of each kind, as years of use would leave them: chained, and each with its rows.
import { encodeTerms, requestDigest } from "@halfroom/session";
import { TERMS } from "@halfroom/testkit";
import { chainHash, CHAIN_START } from "../../src/audit/chain.ts";
import { writeHead } from "../../src/audit/head.ts";
import type { NodeState } from "../../src/node-state.ts";

const YEAR_MS = 365 * 86_400_000;

/** Written in one go. */
const CHUNK = 20_000;

/** Appends to the log and to the ledger, the grants and the sessions: `count` of each but the log, which gets two for each. */
export function addOldEntries({ store, audit, partners }: NodeState, count: number, now: number): void {
  const [partner] = partners.list();
  const key = Buffer.from(partner!.signingKey).toString("hex");
  const terms = encodeTerms(TERMS);
  const asked = requestDigest(TERMS);
  const start = now - 3 * YEAR_MS;
  let last = audit.entries({ limit: 1 })[0] ?? { number: 0, hash: CHAIN_START };
  const addChunk = (first: number, end: number) => {
    const append = (at: number, kind: string, facts: object) => {
      const entry = { number: last.number + 1, at, kind, facts: JSON.stringify(facts) };
      last = { number: entry.number, hash: chainHash(last.hash, entry) };
      store.run(
        "INSERT INTO audit (number, at, kind, facts, hash) VALUES (?, ?, ?, ?, ?)",
        entry.number,
        at,
        kind,
        entry.facts,
        last.hash,
      );
    };
    for (let i = first; i < end; i++) {
      const at = start + Math.floor((i * 2 * YEAR_MS) / count);
      const session = i.toString(16).padStart(64, "0");
      const about = { id: `x${i}`, partner: partner!.name, partnerKey: key, session };
      append(at, "budget-taken", {
        ...about,
        microEpsilon: 1,
        population: "people",
        mode: "noise",
        picoRho: "1",
        numbers: 1,
        bits: 20,
      });
      store.run(
        `INSERT INTO ledger (session, partner_key, name, population, mode, micro_epsilon, pico_rho, pure, numbers, bits, taken_at, settled)
         VALUES (?, ?, ?, 'people', 'noise', 1, '1', 1, 1, 20, ?, 1)`,
        session,
        key,
        partner!.name,
        at,
      );
      append(at, "evaluations-granted", { ...about, epoch: 1, evaluations: 1024 });
      store.run(
        "INSERT INTO evaluation (partner_key, epoch, session, evaluations, granted_at) VALUES (?, 1, ?, 1024, ?)",
        key,
        session,
        at,
      );
      store.run(
        `INSERT INTO session (id, partner, proposal, initiated_by, role, terms, asked, state, reasons, session, created_at, updated_at, expires_at, owner)
         VALUES (?, ?, ?, 'partner', 'receiver', ?, ?, 'refused', '[{"code":"dataset","words":"there is none"}]', ?, ?, ?, ?, '')`,
        `x${i}`,
        partner!.name,
        session.slice(32),
        terms,
        asked,
        session,
        at,
        at,
        at,
      );
    }
    writeHead(store.folder, last);
  };
  for (let first = 0; first < count; first += CHUNK)
    store.transaction(() => addChunk(first, Math.min(count, first + CHUNK)));
}
