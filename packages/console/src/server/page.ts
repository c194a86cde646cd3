// The console's page: a few files that are made when the program is built, held in memory, and sent with headers of their own.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Context, Env, Hono, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

/** By path; `/` is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** `tools/page.js` makes it. */
const BUILT = new URL("../../web/build/page.json", import.meta.url);
const YEAR_SECONDS = 365 * 86_400;

export async function readPage(): Promise<PageFiles> {
  const files = JSON.parse(await readFile(BUILT, "utf8")) as PageFile[];
  return new Map(files.map((file) => [file.path, file]));
}

/**
 * Nothing comes from elsewhere, nothing is run or styled from within the page, no form is sent by the browser itself, and text becomes
 * elements in one place alone: where a report is shown (web/src/parts/report-view.tsx).
 */
export function pageHeaders(isTls: boolean): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ["report"],
    },
    xFrameOptions: "DENY",
    strictTransportSecurity: isTls,
  });
}

/** How long a browser may keep a file: for ever what is named after its content, and the page itself only if it asks each time. */
export function cachingOf({ path }: PageFile): string {
  return path === "/" ? "no-cache" : `public, max-age=${YEAR_SECONDS}, immutable`;
}

export function addPage<Variables extends Env>(app: Hono<Variables>, files: PageFiles): void {
  for (const file of files.values()) {
    const etag = `"${createHash("sha256").update(file.text).digest("base64url").slice(0, 22)}"`;
    app.get(file.path, ({ req }: Context) => {
      const headers = { etag, "content-type": file.type };
      const known = (req.header("if-none-match") ?? "")
        .split(",")
        .map((tag) => tag.trim().replace(/^W\//, ""));
      if (known.includes(etag)) return new Response(null, { status: 304, headers });
      return new Response(file.text, { headers });
    });
  }
}
