// Long work that was started over HTTP: what it is, how it stands, how it ended. A process does it; if that dies, so does the job.
import { randomUUID } from "node:crypto";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import { isAlive, thisProcess } from "../sessions/owner.ts";
import { pageOf, type Page } from "../store/page.ts";
import type { Store } from "../store/store.ts";
import { DAY_MS } from "../time.ts";

/** How long a job is kept that has ended. */
const KEPT_MS = 30 * DAY_MS;

export interface JobRecord {
  readonly id: string;
  readonly kind: "run" | "backup";
  /** Who started it, as in the audit log. */
  readonly caller: string;
  readonly state: "running" | "done" | "failed" | "cancelled";
  /** The session that it works on, by its short id, once it is proposed. */
  readonly session: string | undefined;
  /** What came of it, once it is done. */
  readonly result: unknown;
  /** Why it failed: a code of an OperatorError, and its words. */
  readonly error: { readonly code: string; readonly words: string } | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly endedAt: number | undefined;
}

/** How a job ended. */
export type JobEnd =
  | { readonly state: "done"; readonly result: unknown }
  | { readonly state: "failed" | "cancelled"; readonly code: string; readonly words: string };

interface Row {
  id: string;
  kind: JobRecord["kind"];
  caller: string;
  state: JobRecord["state"];
  session: string | null;
  result: string | null;
  code: string | null;
  words: string | null;
  created_at: number;
  ended_at: number | null;
  owner: string;
}

const ENDED_WITH_PROCESS = {
  code: "stopped",
  words: "The process that worked on it ended before it was done; start it again.",
} as const;

export class Jobs {
  readonly #store: Store;
  readonly #owner = thisProcess();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A job of this process. Returns its id. */
  begin(kind: JobRecord["kind"], caller: string, now: number): string {
    const id = randomUUID();
    this.#store.run(
      "INSERT INTO job (id, kind, caller, state, created_at, owner) VALUES (?, ?, ?, 'running', ?, ?)",
      id,
      kind,
      caller,
      now,
      this.#owner,
    );
    return id;
  }

  worksOn(id: string, session: string): void {
    this.#store.run("UPDATE job SET session = ? WHERE id = ?", session, id);
  }

  end(id: string, end: JobEnd, now: number): void {
    const { result, code, words } = { result: undefined, code: null, words: null, ...end };
    this.#store.run(
      "UPDATE job SET state = ?, result = ?, code = ?, words = ?, ended_at = ? WHERE id = ? AND state = 'running'",
      end.state,
      result === undefined ? null : JSON.stringify(result),
      code,
      words,
      now,
      id,
    );
  }

  /** Errors: `no-job`. */
  get(id: string): JobRecord {
    const row = this.#store.get<Row>("SELECT * FROM job WHERE id = ?", id);
    if (row === undefined) throw new OperatorError("no-job", `There is no job ${quoted(id)}.`);
    return toJob(row);
  }

  /** Newest first: all, or a page of them. Errors: `no-session`, if the page begins after a job that is not there. */
  list(page: Page = {}): JobRecord[] {
    const { from, limit } = pageOf(this.#store, { table: "job", moment: "created_at", id: "id" }, page);
    const sql = "SELECT * FROM job WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
    return this.#store.all<Row>(sql, ...from, limit).map(toJob);
  }

  /** Ends those whose process is gone, and forgets those that ended long ago. */
  tidy(now: number): void {
    for (const { id, owner } of this.#store.all<Row>("SELECT * FROM job WHERE ended_at IS NULL")) {
      if (isAlive(owner) === false) this.end(id, { state: "failed", ...ENDED_WITH_PROCESS }, now);
    }
    this.#store.run("DELETE FROM job WHERE ended_at <= ?", now - KEPT_MS);
  }
}

/** One whose process is gone has failed, whether or not anybody has written so yet. */
function toJob(row: Row): JobRecord {
  const isLost = row.state === "running" && isAlive(row.owner) === false;
  const { code, words } = isLost ? ENDED_WITH_PROCESS : row;
  return {
    id: row.id,
    kind: row.kind,
    caller: row.caller,
    state: isLost ? "failed" : row.state,
    session: row.session ?? undefined,
    result: row.result === null ? undefined : JSON.parse(row.result),
    error: code === null ? undefined : { code, words: words ?? "" },
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
  };
}
