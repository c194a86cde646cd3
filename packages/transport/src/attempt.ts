// What a caller saw of a partner that it did not reach. Each may pass: the partner, or something on the way, may be down for a while.

/** What is told of each, after the address. */
const SEEN = {
  refused: "it refuses connections: nothing listens there",
  "no-route": "there is no route to it",
  "no-name": "its name is not known",
  silent: "nothing answered",
  "no-tls": "what answers there does not speak TLS 1.3",
  "not-halfroom": "what answers there speaks TLS, but not Halfroom's protocol",
  "silent-tls": "it takes connections, and nothing answered in TLS",
  "silent-greeting": "it answered in TLS, and then said nothing",
  cut: "the connection was cut before the greeting",
} as const;

export type Seen = keyof typeof SEEN;

/** An attempt that failed, but another may succeed. */
export class Unreached extends Error {
  override readonly name = "Unreached";
  readonly seen: Seen;

  constructor(seen: Seen, cause?: unknown) {
    super(SEEN[seen], { cause });
    this.seen = seen;
  }
}

const SEEN_OF_SYSTEM: Readonly<Record<string, Seen>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "no-route",
  ENETUNREACH: "no-route",
  EHOSTDOWN: "no-route",
  ENETDOWN: "no-route",
  EADDRNOTAVAIL: "no-route",
  EACCES: "no-route",
  EPERM: "no-route",
  ENOTFOUND: "no-name",
  EAI_AGAIN: "no-name",
  EAI_FAIL: "no-name",
  EAI_NODATA: "no-name",
  EAI_NONAME: "no-name",
  ETIMEDOUT: "silent",
  // A record whose beginning is no TLS, or the end of one where TLS was due.
  EPROTO: "no-tls",
};

/** What an error of TCP or of the handshake means; `isOpen` once TCP was. */
export function seenBeforeTls(error: unknown, isOpen: boolean): Unreached {
  const { code = "", name } = error as NodeJS.ErrnoException;
  if (name === "AbortError" || name === "TimeoutError")
    return new Unreached(isOpen ? "silent-tls" : "silent", error);
  if (/ALERT_NO_APPLICATION_PROTOCOL/.test(code)) return new Unreached("not-halfroom", error);
  if (code.startsWith("ERR_SSL_")) return new Unreached("no-tls", error);
  return new Unreached(SEEN_OF_SYSTEM[code] ?? (isOpen ? "cut" : "silent"), error);
}

/** Counts what the attempts saw. */
export class Attempts {
  readonly #seen = new Map<Seen, number>();

  add({ seen }: Unreached): void {
    this.#seen.set(seen, (this.#seen.get(seen) ?? 0) + 1);
  }

  /** In the order in which it was first seen: "it refuses connections: nothing listens there (12 attempts)". */
  get words(): string {
    return [...this.#seen]
      .map(([seen, times]) => `${SEEN[seen]} (${times} attempt${times === 1 ? "" : "s"})`)
      .join("; ");
  }
}
