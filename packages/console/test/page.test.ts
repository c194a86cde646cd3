// The page as it is served: what a browser is given, with which headers, and what it can be made to run.
import { request } from "node:http";
import { expect, test } from "vitest";
import { openSite } from "./site.ts";

async function pageOf(url: string): Promise<{ readonly html: string; readonly headers: Headers }> {
  const response = await fetch(`${url}/`);
  expect(response.status).toBe(200);
  return { html: await response.text(), headers: response.headers };
}

/** All addresses in the page. */
function addressesIn(html: string): string[] {
  return [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => address!);
}

test("the page loads files of its own alone, and runs and styles nothing from within", async () => {
  const { url } = await openSite();
  const { html, headers } = await pageOf(url);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(addressesIn(html).length).toBeGreaterThanOrEqual(4);
  for (const address of addressesIn(html)) expect(address).toMatch(/^\/assets\/[a-z]+-[0-9a-f]{16}\.\w+$/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script[^>]*>[^<]/);
  const policy = headers.get("content-security-policy")!;
  const directives = policy.split(";").map((directive) => directive.trim());
  expect(directives).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]),
  );
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
});

test("files are named after their content and kept for ever, the page is asked for anew", async () => {
  const { url } = await openSite();
  const { html, headers } = await pageOf(url);
  expect(headers.get("cache-control")).toBe("no-cache");
  for (const address of addressesIn(html)) {
    const response = await fetch(url + address);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect((await response.text()).length).toBeGreaterThan(100);
  }
  const known = { "if-none-match": headers.get("etag")! };
  const again = await fetch(`${url}/`, { headers: known });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await fetch(`${url}/`, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  expect((await fetch(`${url}/`, { method: "HEAD" })).status).toBe(200);
});

test("the licences of what is in the page come with it", async () => {
  const { url } = await openSite();
  const { html } = await pageOf(url);
  const address = addressesIn(html).find((each) => each.endsWith(".txt"))!;
  const licences = await (await fetch(url + address)).text();
  for (const name of ["eventsource-parser", "preact", "yaml", "zod"])
    expect(licences).toContain(`${name}\n\n`);
  expect(licences.match(/Permission/g)!.length).toBeGreaterThanOrEqual(4);
});

test("the API keeps its own policy, and there is no other page", async () => {
  const { url } = await openSite();
  const api = await fetch(`${url}/api/openapi.json`);
  expect(api.headers.get("content-security-policy")).toBe(
    "default-src 'none'; frame-ancestors 'none'; sandbox",
  );
  expect(api.headers.get("cache-control")).toBe("no-store");
  for (const [path, method] of [
    ["/index.html", "GET"],
    ["/assets/", "GET"],
    ["/assets/../api", "GET"],
    ["/", "POST"],
  ] as const) {
    const response = await fetch(url + path, { method });
    expect([path, response.status]).toEqual([path, 404]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("cache-control")).toBe("no-store");
  }
});

test("a name that was made to point here gets no page", async () => {
  const { console } = await openSite();
  const status = await new Promise<[number, string]>((resolve, reject) => {
    const asked = request(
      `http://${console.address}/`,
      { headers: { host: "rebound.example" } },
      (response) => {
        response.resume();
        response.on("end", () => resolve([response.statusCode!, response.headers["cache-control"] ?? ""]));
      },
    );
    asked.on("error", reject).end();
  });
  expect(status).toEqual([421, "no-store"]);
});
