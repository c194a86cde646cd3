// Signing in by OpenID Connect Core 1.0: the code flow, with PKCE (RFC 7636), state and nonce. All three are made of one secret, which the
// browser keeps meanwhile, so that nothing has to be kept here, and only the browser that began can end it.
import { createHmac } from "node:crypto";
import { beginSignIn, type HalfroomNode, type OpenIdSettings } from "@halfroom/node";
import type * as Client from "openid-client";
import { ProviderError, personIn, type Claims } from "./openid-claims.ts";

/** Where a browser begins. */
export const BEGIN_PATH = "/sign-in/openid";
const WAIT_SECONDS = 10;

export class OpenId {
  readonly label: string;
  readonly #settings: OpenIdSettings;
  #provider: Promise<Client.Configuration> | undefined;

  constructor(settings: OpenIdSettings) {
    this.label = settings.label;
    this.#settings = settings;
  }

  /** Where the browser goes, and from where it comes back to `back`. Rejects with ProviderError. */
  async beginAt(back: string, secret: string): Promise<string> {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await client();
    const { state, nonce, verifier } = madeOf(secret);
    const parameters = {
      redirect_uri: back,
      scope: this.#settings.scope,
      response_type: "code",
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    };
    return buildAuthorizationUrl(await this.#found(), parameters).href;
  }

  /** Signs in whom the provider names; `answer`: the address that it sent the browser to. Rejects with ProviderError, and the library's errors. */
  async end(node: HalfroomNode, answer: URL, secret: string): ReturnType<typeof beginSignIn> {
    const { authorizationCodeGrant } = await client();
    const provider = await this.#found();
    const { state, nonce, verifier } = madeOf(secret);
    const tokens = await authorizationCodeGrant(provider, answer, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const own = tokens.claims()! as Claims & { readonly sub: string };
    const claims = { ...(await this.#userInfo(provider, tokens.access_token, own)), ...own };
    return await beginSignIn(node, personIn(claims, own.sub, this.#settings));
  }

  /** Many providers tell names and roles there alone. */
  async #userInfo(
    provider: Client.Configuration,
    accessToken: string,
    { sub, ...claims }: Claims & { readonly sub: string },
  ): Promise<Claims> {
    const { name, role } = this.#settings;
    const isTold = [name, role.split(".")[0]!].every((claim) => claim in claims);
    if (isTold || provider.serverMetadata().userinfo_endpoint === undefined) return {};
    const { fetchUserInfo } = await client();
    return await fetchUserInfo(provider, accessToken, sub);
  }

  /** What the provider says of itself, asked for once, and again after a failure. */
  #found(): Promise<Client.Configuration> {
    this.#provider ??= this.#discover().catch((cause: unknown) => {
      this.#provider = undefined;
      const words =
        "The identity provider cannot be reached, or does not describe itself. An administrator compares `openid_issuer` with its documents, and looks whether the node reaches it.";
      throw new ProviderError("discovery", words, { cause });
    });
    return this.#provider;
  }

  async #discover(): Promise<Client.Configuration> {
    const { allowInsecureRequests, discovery, ClientSecretBasic, None } = await client();
    const { issuer, clientId, clientSecret } = this.#settings;
    const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret);
    const execute = issuer.startsWith("http:") ? [allowInsecureRequests] : [];
    const options = { timeout: WAIT_SECONDS, execute };
    return await discovery(new URL(issuer), clientId, undefined, authentication, options);
  }
}

/** Loaded once somebody signs in so. */
async function client(): Promise<typeof Client> {
  return await import("openid-client");
}

/** 43 letters and digits each, as PKCE wants its verifier at least (RFC 7636, section 4.1). */
function madeOf(secret: string) {
  const make = (label: string) =>
    createHmac("sha256", secret).update(`halfroom/openid/${label}`).digest("base64url");
  return { state: make("state"), nonce: make("nonce"), verifier: make("verifier") };
}
