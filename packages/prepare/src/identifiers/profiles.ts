// The named ways to normalise an e-mail address or a phone number before it is hashed. A version never changes: a
// changed rule gets a new name, so that two parties who name the same profile compute the same identifiers.

export interface Profile {
  /** Part of the agreement, and of every identifier. */
  readonly version: string;
  /** Domains whose local parts lose their dots. */
  readonly dotless: readonly string[];
  /** Domains whose local parts end before their first "+". */
  readonly tagless: readonly string[];
  /** Whether the text of a phone number that is hashed starts with "+". */
  readonly plus: boolean;
}

const GMAIL = ["gmail.com"];
const GOOGLE = ["gmail.com", "googlemail.com"];

/** Sources: README.md of this package, section "Profiles". */
const PROFILES = [
  { version: "iab-1", dotless: [], tagless: [], plus: true },
  { version: "uid2-1", dotless: GMAIL, tagless: GMAIL, plus: true },
  { version: "google-1", dotless: GOOGLE, tagless: [], plus: true },
  { version: "google-2", dotless: GOOGLE, tagless: GOOGLE, plus: true },
  { version: "meta-1", dotless: [], tagless: [], plus: false },
] as const satisfies readonly Profile[];

/** What names without a version mean; a stored definition holds the version. */
const NEWEST = { iab: "iab-1", uid2: "uid2-1", google: "google-2", meta: "meta-1" } as const;

export const PROFILE_NAMES = [...Object.keys(NEWEST), ...PROFILES.map(({ version }) => version)];
export const DEFAULT_PROFILE = "iab";

/** The profile of a name, with or without a version; undefined if there is none. */
export function profileOf(name: string): Profile | undefined {
  const version = Object.hasOwn(NEWEST, name) ? NEWEST[name as keyof typeof NEWEST] : name;
  return PROFILES.find((profile) => profile.version === version);
}
