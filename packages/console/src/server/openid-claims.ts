// What the identity provider says of a person, and what of it is used; and its failures, in words.
import type { OpenIdSettings, Person } from "@halfroom/node";

export type Claims = Readonly<Record<string, unknown>>;

/** Something on the way through the provider; the words are for the person in front of the browser. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  /** For the log. */
  readonly code: string;
  /** Whom the provider has named, where it is they who are not let in. */
  readonly person: string | undefined;

  constructor(code: string, words: string, options: ErrorOptions & { readonly person?: string } = {}) {
    super(words, options);
    this.code = code;
    this.person = options.person;
  }
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,127}$/u;

/** `sub`: who it is, which never changes, and is never given to anybody else. Throws ProviderError for whoever has no name or no role here. */
export function personIn(
  claims: Claims,
  sub: string,
  { issuer, name: nameClaim, role: roleClaim, roles }: OpenIdSettings,
): Omit<Person, "way"> {
  const name = claims[nameClaim];
  if (typeof name !== "string" || !NAME.test(name))
    throw new ProviderError(
      "name",
      "The identity provider says no name that can be used here. An administrator looks at the setting `openid_name`: letters, digits and . _ @ + - at most.",
    );
  const claimed = [claimIn(claims, roleClaim)].flat();
  const [, role] = roles.find(([each]) => claimed.includes(each)) ?? [];
  if (role === undefined)
    throw new ProviderError(
      "role",
      "You are known to the identity provider, but have no role here. Whoever runs this node can give you one: by your groups there, or by the setting `openid_roles`.",
      { person: name },
    );
  return { name, subject: `${issuer} ${sub}`, role };
}

/** The claim of that name, or else where its dots lead. */
function claimIn(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>((within, part) => {
    const isThere = typeof within === "object" && within !== null && Object.hasOwn(within, part);
    return isThere ? (within as Claims)[part] : undefined;
  }, claims);
}

/** An error of the library or of the provider, which is another one's text: no more than a code of OAuth is taken from it. */
export function wordsOf(error: unknown): { readonly code: string; readonly words: string } {
  if (error instanceof ProviderError) return { code: error.code, words: error.message };
  const { error: said, code } = error as { readonly error?: unknown; readonly code?: unknown };
  const told = [said, code].find((each) => typeof each === "string" && /^[A-Za-z_]{1,64}$/.test(each));
  if (told === "access_denied")
    return {
      code: told,
      words: "The identity provider did not let you in. Begin again, or ask who runs it.",
    };
  const shown = typeof told === "string" ? told : "unknown";
  return {
    code: shown,
    words: `The identity provider's answer is of no use (${shown}). Begin again; if that does not help, an administrator compares \`openid_client_id\`, the client's secret and the address to come back to with what the provider has.`,
  };
}
