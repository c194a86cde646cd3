// What a caller saw of a partner that it did not reach. It may pass: the partner, or something on the way, may be down for a while.
// What answers and is no node stays none, though: for a first contact that is final.

/** What is told of each, after the address. */
const SEEN = {
  refused: "it refuses connections: nothing listens there",
  "no-route": "there is no route to it",
  "no-name": "its name is not known",
  silent: "nothing answered",
  "no-tls": "it does not speak TLS 1.3",
  "not-halfroom": "it speaks TLS, but not Halfroom's protocol",
  "silent-tls": "it takes connections, and nothing answered in TLS",
  "silent-greeting": "it answered in TLS, and then said nothing",
  cut: "the connection was cut before the greeting",
  proxy: "the proxy failed",
} as const;

export type Seen = keyof typeof SEEN;

/** An attempt that failed, but another may succeed. */
export class Unreached extends Error {
  override readonly name = "Unreached";
  readonly seen: Seen;

  constructor(seen: Seen, { cause, words = SEEN[seen] }: { cause?: unknown; words?: string } = {}) {
    super(words, { cause });
    this.seen = seen;
  }

  /** Whether something answered that is no node of Halfroom. */
  get isOther(): boolean {
    return this.seen === "no-tls" || this.seen === "not-halfroom";
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
export function seenBeforeTls(cause: unknown, isOpen: boolean): Unreached {
  const { code = "", name, message } = cause as NodeJS.ErrnoException;
  if (name === "AbortError" || name === "TimeoutError")
    return new Unreached(isOpen ? "silent-tls" : "silent", { cause });
  if (/unexpected.eof/i.test(`${code} ${message}`)) return new Unreached("cut", { cause });
  if (/ALERT_NO_APPLICATION_PROTOCOL/.test(code)) return new Unreached("not-halfroom", { cause });
  if (code.startsWith("ERR_SSL_")) return new Unreached("no-tls", { cause });
  return new Unreached(SEEN_OF_SYSTEM[code] ?? (isOpen ? "cut" : "silent"), { cause });
}

/** What an error on the way to the proxy, or of its answer, means. */
export function seenAtProxy(cause: unknown, limit: AbortSignal): Unreached {
  const { code = "" } = cause as NodeJS.ErrnoException;
  const words = limit.aborted
    ? "it does not answer"
    : code.startsWith("HPE_")
      ? "what answers there does not speak HTTP"
      : SEEN[SEEN_OF_SYSTEM[code] ?? "cut"];
  return new Unreached("proxy", { cause, words });
}

/** Counts what the attempts saw. */
export class Attempts {
  readonly #seen = new Map<string, number>();

  add({ message }: Unreached): void {
    this.#seen.set(message, (this.#seen.get(message) ?? 0) + 1);
  }

  /** In the order in which it was first seen: "it refuses connections: nothing listens there (12 attempts)". */
  get words(): string {
    return [...this.#seen]
      .map(([words, times]) => `${words} (${times} attempt${times === 1 ? "" : "s"})`)
      .join("; ");
  }
}
