// Two lists of invented people with the mess of real ones: an advertiser's conversions, a publisher's exposures.
import { seededRandom } from "./random.ts";
import type { SeededRandom } from "./random.ts";

const CONVERSION_COLUMNS = ["email", "amount", "orders"] as const;
const EXPOSURE_COLUMNS = ["email", "campaign", "age_band"] as const;

const FIRST_NAMES =
  "ada ben carla david elena felix grace hanna ivan julia karim lena marco nadia oscar priya".split(" ");
const LAST_NAMES =
  "ahmed berg costa dubois evans fischer garcia haas ito jensen kim lopez meyer novak okafor patel".split(
    " ",
  );
const DOMAINS = ["example.com", "example.org", "example.net"];
const INVALID = ["n/a", "unknown", "no-at-sign.example.com", "@example.org", "two@@example.com", "info@"];
const EMPTY = ["", " ", '""', "\t"];

const CAMPAIGNS = [
  "Spring Sale",
  "Back to School",
  "Holiday, early bird",
  'The "Big" One',
  "Newsletter",
  "App Launch",
  "Outlet",
  "Clearance",
];
const CAMPAIGN_WEIGHTS = [22, 18, 16, 14, 12, 11, 5, 2];
const AGE_BANDS = ["18-24", "25-34", "35-44", "45-54", "55+"];
const AGE_WEIGHTS = [18, 29, 25, 18, 10];

/** How many people each list draws its rows from, as a fraction of its rows: fewer, so that some people repeat. */
const POOL_PER_ROW = 0.8;
/** Fraction of the smaller pool that is in the other one too. */
const SHARED = 0.85;

/** The lines of both files, header first, without line ends. Person `i` is the same in both, however the address is written. */
export function inventPeople(
  seed: string,
  senderRows: number,
  receiverRows: number,
): { conversions: Iterable<string>; exposures: Iterable<string> } {
  const senderPool = Math.ceil(senderRows * POOL_PER_ROW);
  const receiverPool = Math.ceil(receiverRows * POOL_PER_ROW);
  const shared = Math.floor(Math.min(senderPool, receiverPool) * SHARED);
  const ages = seededRandom(`${seed}/ages`);
  const ageOf = Array.from({ length: receiverPool }, () => ages.weighted(AGE_WEIGHTS));
  return {
    conversions: conversions(seededRandom(`${seed}/conversions`), senderRows, senderPool),
    exposures: exposures(seededRandom(`${seed}/exposures`), receiverRows, senderPool - shared, ageOf),
  };
}

function* conversions(random: SeededRandom, rows: number, pool: number): Iterable<string> {
  yield CONVERSION_COLUMNS.join(",");
  for (let row = 0; row < rows; row++) {
    const email = emailField(random, random.below(pool));
    yield `${email},${amountField(random)},${1 + random.weighted([70, 20, 7, 3])}`;
  }
}

/** `first` is the first person of this pool; the senders' pool begins at person 0. */
function* exposures(
  random: SeededRandom,
  rows: number,
  first: number,
  ageOf: readonly number[],
): Iterable<string> {
  yield EXPOSURE_COLUMNS.join(",");
  for (let row = 0; row < rows; row++) {
    const person = random.below(ageOf.length);
    const campaign = CAMPAIGNS[random.weighted(CAMPAIGN_WEIGHTS)]!;
    yield `${emailField(random, first + person)},${quotedIfNeeded(campaign)},${AGE_BANDS[ageOf[person]!]}`;
  }
}

/** Mostly the person's address in some spelling; now and then empty or not an address at all. */
function emailField(random: SeededRandom, person: number): string {
  const kind = random.below(100);
  if (kind < 1) return EMPTY[random.below(EMPTY.length)]!;
  if (kind < 3) return INVALID[random.below(INVALID.length)]!;
  const email = emailOf(person);
  if (kind < 18) return email.toUpperCase();
  if (kind < 33) return email.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  if (kind < 43) return ` ${email}`;
  if (kind < 53) return `"${email}  "`;
  return kind < 58 ? `"${email}"` : email;
}

/** The number makes the address the person's own. */
function emailOf(person: number): string {
  const first = FIRST_NAMES[person % FIRST_NAMES.length]!;
  const last = LAST_NAMES[Math.floor(person / FIRST_NAMES.length) % LAST_NAMES.length]!;
  return `${first}.${last}${person}@${DOMAINS[person % DOMAINS.length]}`;
}

/** With two decimals: ordinary baskets, some large ones, returns (negative), and missing or unusable values. */
function amountField(random: SeededRandom): string {
  const kind = random.below(100);
  if (kind < 2) return "";
  if (kind < 3) return "n/a";
  if (kind < 6) return `-${decimalText(500 + random.below(5000))}`;
  if (kind < 12) return decimalText(30_000 + random.below(60_000));
  return kind < 20 ? String(5 + random.below(120)) : decimalText(199 + random.below(12_000));
}

function decimalText(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function quotedIfNeeded(field: string): string {
  return /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
