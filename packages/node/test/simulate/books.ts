// What a run must keep to: what has really opened, noted as it leaves, and the books of both sides held against it.
import { AsyncLocalStorage } from "node:async_hooks";
import { runOf, toHex, verifyReceipt, type Site as SessionSite, type Terms } from "@halfroom/session";
import type { MessageType } from "@halfroom/wire";
import { ledgerGaps } from "../../src/ledger/against-log.ts";
import type { NodeState } from "../../src/node-state.ts";
import { DAY_MS, HOUR_MS } from "../../src/time.ts";
import { lives, type Machine } from "./machine.ts";
import { EXACT_MAX, NAMES, other, PERIOD_DAYS, type Name } from "./made-nodes.ts";
import type { Row } from "./plain-work.ts";
import { cellsOf, plainCells } from "./reports.ts";
import type { Site } from "./site.ts";

/** A session as it really went. */
interface Truth {
  readonly exact: boolean;
  readonly rows: Partial<Record<Name, readonly Row[]>>;
  /** Who sent what opens numbers, and when. */
  readonly opened: Map<Name, number>;
  /** Of a run of a series, which one. */
  readonly run: number | undefined;
}

export class Books {
  /** What is wrong, in words. */
  readonly defects: string[] = [];
  readonly #machine: Machine;
  readonly #sites: () => Readonly<Record<Name, Site>>;
  readonly #truths = new Map<string, Truth>();
  readonly #now = new AsyncLocalStorage<{ session: string | undefined }>();
  /** Sessions that a site has forgotten with its folder. */
  readonly #forgotten: Record<Name, Set<string>> = { advertiser: new Set(), publisher: new Set() };

  constructor(machine: Machine, sites: () => Readonly<Record<Name, Site>>) {
    this.#machine = machine;
    this.#sites = sites;
  }

  /** Runs one side of one session, so that what it sends is known to be of it. */
  ofOneSession<T>(run: () => T): T {
    return this.#now.run({ session: undefined }, run);
  }

  /** A site went on from an older folder, which lacks these sessions. */
  forget(name: Name, sessions: Iterable<string>): void {
    for (const session of sessions) this.#forgotten[name].add(session);
  }

  /** Notes whose rows a session of this side is about, as soon as both have signed. */
  watched(name: Name, site: SessionSite, rows: readonly Row[]): SessionSite {
    const now = this.#now.getStore()!;
    return {
      ...site,
      takeUp: (signed, openings, secrets) => {
        site.takeUp(signed, openings, secrets);
        const session = toHex(signed.agreement.session);
        now.session = session;
        this.#truthOf(session, signed.agreement.content.terms).rows[name] = rows;
      },
    };
  }

  #truthOf(session: string, terms: Terms): Truth {
    const known = this.#truths.get(session);
    if (known !== undefined) return known;
    const exact = terms.release.mode === "exact";
    const truth: Truth = { exact, rows: {}, opened: new Map(), run: runOf(terms)?.number };
    this.#truths.set(session, truth);
    return truth;
  }

  /** What opens numbers leaves only once it is paid for, in a store that has it on disk. */
  onSend(name: Name, type: MessageType): void {
    const session = this.#now.getStore()?.session;
    if (session === undefined) return;
    const truth = this.#truths.get(session)!;
    if (type !== "passOpening" && type !== "cellOpening") return;
    if (truth.opened.has(name)) return;
    truth.opened.set(name, this.#machine.now);
    const { node } = this.#sites()[name];
    const isPaid = lives.exit(() => node!.ledger.entries().some((entry) => entry.session === session));
    if (!isPaid) this.defects.push(`${name} opens numbers that are not in its ledger`);
    if (truth.run !== undefined) this.#assertOnce(truth.run);
    this.#assertNothingShown(name, node!);
    if (truth.exact) this.#assertWithin(name);
  }

  /** No two sessions open numbers for one run of a series, whichever side does. */
  #assertOnce(run: number): void {
    const opened = this.runsOpened().filter((number) => number === run);
    if (opened.length > 1) this.defects.push(`run ${run} of the series opens numbers ${opened.length} times`);
  }

  /** Runs of the series of which either side has opened numbers, one entry for each session. */
  runsOpened(): number[] {
    return [...this.#truths.values()].flatMap(({ run, opened }) =>
      run !== undefined && opened.size > 0 ? [run] : [],
    );
  }

  /** A session that the partner would name as its last one is known here. */
  #assertNothingShown(name: Name, node: NodeState): void {
    const partner = this.#sites()[other(name)];
    if (!partner.isUp || partner.node === undefined) return;
    lives.exit(() => {
      const key = toHex(node.identity.signingKey);
      const last = partner.node!.ledger.lastSettled(key);
      if (last === undefined || node.missed.isKnown(last)) return;
      this.defects.push(`${name} releases, although its partner's last session is missing in its folder`);
    });
  }

  /** Of what the folder has not forgotten, no more exact reports have opened in a period than may. */
  #assertWithin(name: Name): void {
    const since = this.#machine.now - PERIOD_DAYS * DAY_MS + HOUR_MS;
    const recent = [...this.#truths].filter(
      ([session, { exact, opened }]) =>
        exact && (opened.get(name) ?? -Infinity) > since && !this.#forgotten[name].has(session),
    );
    if (recent.length > EXACT_MAX)
      this.defects.push(`${name} opens ${recent.length} exact reports in a period`);
  }

  /** Holds the books of the nodes that are up against what has opened; what is wrong is among the `defects`. */
  check(): void {
    for (const name of NAMES) {
      const { node } = this.#sites()[name];
      if (node === undefined) continue;
      this.#checkBooks(name, node);
      for (const { session, json } of node.reports.list()) this.#checkReport(name, node, session, json);
    }
  }

  #checkBooks(name: Name, node: NodeState): void {
    const { faults } = node.audit.verify();
    if (faults.length > 0) this.defects.push(`${name}'s log: ${faults.map(({ words }) => words).join("; ")}`);
    const gaps = ledgerGaps(node);
    if (gaps.length > 0) this.defects.push(`${name}'s ledger: ${gaps.map(({ words }) => words).join("; ")}`);
    const paid = new Set(node.ledger.entries().map(({ session }) => session));
    for (const [session, { opened }] of this.#truths)
      if (opened.has(name) && !paid.has(session) && !this.#forgotten[name].has(session))
        this.defects.push(`${name} has opened a session that its ledger lacks`);
    for (const { session, settled } of node.ledger.entries())
      if (node.ledger.noise(session) !== undefined && settled)
        this.defects.push(`${name} keeps the noise of a settled session`);
  }

  #checkReport(name: Name, node: NodeState, session: string, json: string): void {
    const truth = this.#truths.get(session)!;
    if (!lives.exit(() => hasSignedReceipt(node, session)))
      this.defects.push(`${name} keeps a report without a receipt that both sides have signed`);
    const cells = cellsOf(json);
    const theirs = this.#sites()[other(name)].node?.reports.get(session);
    if (theirs !== undefined && JSON.stringify(cellsOf(theirs.json)) !== JSON.stringify(cells))
      this.defects.push("the two sides keep different reports of one session");
    if (!truth.exact) return;
    const expected = JSON.stringify(plainCells(truth.rows.advertiser!, truth.rows.publisher!));
    if (JSON.stringify(cells) !== expected)
      this.defects.push(`${name} keeps a wrong report: ${JSON.stringify(cells)} instead of ${expected}`);
  }
}

/** Under the keys that both signed the agreement with. */
function hasSignedReceipt({ receipts }: NodeState, session: string): boolean {
  try {
    const receipt = receipts.get(session);
    if (receipt !== undefined) verifyReceipt(receipt);
    return receipt !== undefined;
  } catch {
    return false;
  }
}
