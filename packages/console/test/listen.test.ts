// Where the console listens: with TLS or on this machine alone, and nowhere if it is not to be.
import { once } from "node:events";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initNode, openNode } from "@halfroom/node";
import { generate } from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import { openConsole } from "../src/index.ts";
import { openSite } from "./site.ts";

async function certificate(): Promise<{ readonly cert: string; readonly env: Record<string, string> }> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-console-tls-"));
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const [certFile, keyFile] = [join(folder, "own.pem"), join(folder, "own.key")];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  chmodSync(keyFile, 0o600);
  return { cert, env: { HALFROOM_CONSOLE_CERTIFICATE: certFile, HALFROOM_CONSOLE_KEY: keyFile } };
}

test("with a certificate it speaks TLS, and says that it always will", async () => {
  const { cert, env } = await certificate();
  const { console } = await openSite({ ...env, HALFROOM_CONSOLE: "0.0.0.0:0" });
  expect(console.scheme).toBe("https");
  const port = console.address.split(":")[1];
  const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
    const url = `https://localhost:${port}/api/openapi.json`;
    const asked = request(url, { ca: cert, servername: "localhost", family: 4 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.headers));
    });
    asked.on("error", reject).end();
  });
  expect(headers["strict-transport-security"]).toMatch(/max-age/);
  await expect(fetch(`http://localhost:${port}/api/openapi.json`)).rejects.toThrow();
});

async function withSettings(env: Record<string, string>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-console-"));
  await initNode(folder);
  const node = await openNode(folder, { env: { HALFROOM_LOG_LEVEL: "silent", ...env } });
  onTestFinished(() => node.close());
  const console = await openConsole(node);
  await console?.close();
  return console;
}

test("what other machines reach needs TLS, and what is no certificate is refused", async () => {
  const { env } = await certificate();
  for (const address of ["0.0.0.0:0", "[::]:0", "node.example.com:7490"])
    await expect(withSettings({ HALFROOM_CONSOLE: address })).rejects.toMatchObject({
      code: "settings",
      message: expect.stringContaining("needs TLS"),
    });
  const lone = { HALFROOM_CONSOLE_KEY: env["HALFROOM_CONSOLE_KEY"]! };
  await expect(withSettings(lone)).rejects.toMatchObject({ code: "settings" });
  const missing = { ...env, HALFROOM_CONSOLE: "127.0.0.1:0", HALFROOM_CONSOLE_KEY: "/nowhere" };
  await expect(withSettings(missing)).rejects.toMatchObject({ code: "file" });
  const swapped = { ...missing, HALFROOM_CONSOLE_KEY: env["HALFROOM_CONSOLE_CERTIFICATE"]! };
  await expect(withSettings(swapped)).rejects.toMatchObject({ code: "file" });
});

test("an address that is taken is told, and `none` opens nothing", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  await expect(withSettings({ HALFROOM_CONSOLE: taken })).rejects.toMatchObject({
    code: "listen",
    message: expect.stringContaining("`console`"),
  });
  expect(await withSettings({ HALFROOM_CONSOLE: "none" })).toBeUndefined();
});
