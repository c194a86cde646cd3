// Which proxy a partner is dialled through.
import { expect, it } from "vitest";
import { proxyFor } from "../src/partners/proxy.ts";

const PARTNER = "node.partner.example:7443";
const hostOf = (proxy: string, env: NodeJS.ProcessEnv, address = PARTNER) =>
  proxyFor({ proxy }, address, env)?.host;

it("is what the setting says, otherwise HTTPS_PROXY, and none without both", () => {
  const env = { HTTPS_PROXY: "http://me:secret@corp.example:3128" };
  expect(hostOf("", env)).toBe("corp.example:3128");
  expect(hostOf("", { ...env, https_proxy: "other.example:3129" })).toBe("other.example:3129");
  expect(hostOf("http://own.example:8080", env)).toBe("own.example:8080");
  expect(hostOf("none", env)).toBe(undefined);
  expect(hostOf("", { HTTPS_PROXY: "" })).toBe(undefined);
  expect(hostOf("", { HTTP_PROXY: "http://corp.example:3128" })).toBe(undefined);
});

it.each([
  ["*", PARTNER],
  ["node.partner.example", PARTNER],
  ["localhost, Partner.Example", PARTNER],
  [".partner.example", PARTNER],
  ["*.partner.example:7443", PARTNER],
  ["10.0.0.0/8", "10.1.2.3:7443"],
  ["10.1.2.3:7443", "10.1.2.3:7443"],
  ["::1", "[::1]:7443"],
  ["fd00::/8", "[fd00::2]:7443"],
])("NO_PROXY %s leaves out %s", (list, address) => {
  const env = { HTTPS_PROXY: "corp.example:3128", NO_PROXY: list };
  expect(hostOf("", env, address)).toBe(undefined);
  expect(hostOf("own.example:8080", env, address)).toBe(undefined);
});

it.each([
  ["artner.example", PARTNER],
  ["partner.example:443", PARTNER],
  ["partner.example.org,other.example", PARTNER],
  ["10.0.0.0/8,10.0.0.0/x", "11.1.2.3:7443"],
  ["::1", "127.0.0.1:7443"],
  ["", PARTNER],
])("NO_PROXY %s does not leave out %s", (list, address) => {
  expect(hostOf("", { HTTPS_PROXY: "corp.example:3128", NO_PROXY: list }, address)).toBe("corp.example:3128");
});

it("of another kind is refused, without its password", () => {
  const env = { https_proxy: "socks5://me:secret@corp.example:1080" };
  expect(() => proxyFor({ proxy: "" }, PARTNER, env)).toThrow(/^https_proxy: this is not an HTTP proxy/);
  expect(() => proxyFor({ proxy: "" }, PARTNER, env)).not.toThrow(/secret/);
});
