// Advertising ids of devices, postal addresses, and strings that a pair of parties have in common.
import { cleanText } from "./text.ts";

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/**
 * A mobile advertising id (IDFA, AAID: a UUID) in lower case with its hyphens; "" for blank text, undefined for anything else.
 * All zeros is what a device reports whose owner does not want to be tracked, so it identifies nobody.
 */
export function normaliseMaid(text: string): string | undefined {
  const clean = cleanText(text).toLowerCase();
  if (clean === "") return "";
  const groups = UUID.exec(clean)?.slice(1);
  return groups === undefined || groups.every((group) => /^0+$/.test(group)) ? undefined : groups.join("-");
}

/** Separates the parts of an address; no part can contain it. */
const PART_END = "\u001f";

/**
 * The parts of a postal address, each reduced to its letters, marks and digits, compatible forms unified
 * (NFKC), in lower case; "" if every part is blank, undefined if only some are. Streets are not looked up, so
 * "Main St" and "Main Street" differ.
 */
export function normalisePostal(parts: readonly string[]): string | undefined {
  const plain = parts.map(lettersAndDigits);
  if (plain.every((part) => part === "")) return "";
  return plain.includes("") ? undefined : plain.join(PART_END);
}

/** Once a character between them is removed, a letter and a mark may compose: NFC again. */
function lettersAndDigits(part: string): string {
  return lowerCompatible(cleanText(part))
    .replaceAll(/[^\p{L}\p{M}\p{Nd}]+/gu, "")
    .normalize("NFC");
}

/** NFKC and lower-casing each undo some of the other's work; after the second round nothing changes any more. */
function lowerCompatible(text: string): string {
  const round = (before: string): string =>
    before.normalize("NFKC").toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
  return round(round(text));
}

/** Any stable string: without invisible characters and outer spaces, in NFC; case is kept. "" if blank. */
export function normaliseCustom(text: string): string {
  return cleanText(text).normalize("NFC");
}
