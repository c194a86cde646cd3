// A browser, as far as cookies go: it keeps those that it is given, with their attributes, and sends them back.
import { request, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import type { Problem } from "../src/client.ts";

export interface Cookie {
  readonly value: string;
  /** In lower case; those without a value are empty. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: Record<string, unknown> & Partial<Problem>;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export class Browser {
  readonly #url: string;
  readonly cookies = new Map<string, Cookie>();
  csrf: string | undefined;
  readonly #host: string;

  /** `host`: what it calls the console, as a proxy passes it on. */
  constructor(url: string, host = new URL(url).host) {
    this.#url = url;
    this.#host = host;
  }

  /** What a page of the console sends: the cookies, and the header beside them. */
  headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, { value }]) => `${name}=${value}`).join("; ");
    return {
      ...(cookie !== "" && { cookie }),
      ...(this.csrf !== undefined && { "x-halfroom-csrf": this.csrf }),
    };
  }

  async signIn(name: string, password = "moor lantern oyster", code?: string): Promise<Said> {
    const said = await this.post("/api/v1/sign-in", { name, password, ...(code !== undefined && { code }) });
    this.csrf = (said.json["csrf"] as string | undefined) ?? this.csrf;
    return said;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Said> {
    return await this.ask(path, { headers });
  }

  async post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Said> {
    return await this.ask(path, {
      method: "POST",
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async ask(path: string, { method = "GET", headers = {}, body = "" }: Asked = {}): Promise<Said> {
    const sent = { host: this.#host, ...this.headers(), ...headers };
    const length = { "content-length": Buffer.byteLength(body) };
    const all = method === "GET" ? sent : { ...sent, ...length };
    return await new Promise((resolve, reject) => {
      const asked = request(new URL(path, this.#url), { method, headers: all }, (response) => {
        this.#keep(response.headers["set-cookie"] ?? []);
        const isJson = response.headers["content-type"]?.includes("json") === true;
        text(response).then((said) => {
          const json = isJson ? (JSON.parse(said) as Said["json"]) : { text: said };
          resolve({ status: response.statusCode!, headers: response.headers, json });
        }, reject);
      });
      asked.on("error", reject).end(body);
    });
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [[name, value] = [], ...rest] = line.split("; ").map((part) => part.split(/=(.*)/s));
      const attributes = Object.fromEntries(rest.map(([key, text = ""]) => [key!.toLowerCase(), text]));
      const isOver =
        attributes["max-age"] === "0" || Date.parse(attributes["expires"] ?? "9999") <= Date.now();
      if (isOver) this.cookies.delete(name!);
      else this.cookies.set(name!, { value: value!, attributes });
    }
  }
}
