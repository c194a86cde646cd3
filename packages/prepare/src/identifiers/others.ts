// Advertising ids of devices, postal addresses, and strings that a pair of parties have in common.
import { isNullWord } from "./faults.ts";
import { wholeText } from "./numbers.ts";
import { identifierText } from "./text.ts";

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

/**
 * A mobile advertising id (IDFA, AAID: a UUID) in lower case with its hyphens; "" for blank text, undefined for anything else.
 * All zeros is what a device reports whose owner does not want to be tracked, so it identifies nobody.
 */
export function normaliseMaid(text: string): string | undefined {
  const clean = identifierText(text).toLowerCase();
  if (clean === "") return "";
  const groups = UUID.exec(clean)?.slice(1);
  return groups === undefined || groups.every((group) => /^0+$/.test(group)) ? undefined : groups.join("-");
}

/** Separates the parts of an address; no part can contain it. */
const PART_END = "\u001f";

/**
 * The parts of a postal address, each without the ".0" of a whole number in a column of floats and reduced to its letters, marks and digits, compatible forms unified
 * (NFKC), in lower case; "" if every part is blank, undefined if only some are. Streets are not looked up, so
 * "Main St" and "Main Street" differ.
 */
export function normalisePostal(parts: readonly string[]): string | undefined {
  const whole = parts.map((part) => wholeText(identifierText(part)));
  if (whole.includes(undefined)) return undefined;
  const plain = whole.map((part) => lettersAndDigits(part!));
  if (plain.every((part) => part === "")) return "";
  return plain.includes("") ? undefined : plain.join(PART_END);
}

/** Once a character between them is removed, a letter and a mark may compose: NFC again. */
function lettersAndDigits(part: string): string {
  return lowerCompatible(part)
    .replaceAll(/[^\p{L}\p{M}\p{Nd}]+/gu, "")
    .normalize("NFC");
}

/** NFKC and lower-casing each undo some of the other's work; after the second round nothing changes any more. */
function lowerCompatible(text: string): string {
  const round = (before: string): string =>
    before.normalize("NFKC").toLowerCase().replaceAll("ς", "σ").normalize("NFKC");
  return round(round(text));
}

/**
 * Any stable string: without invisible characters, outer spaces and quotes, in NFC; case is kept. A whole number that went through a
 * float is that number. "" if blank, undefined for a word that stands for NULL and for a number beyond a float's digits.
 */
export function normaliseCustom(text: string): string | undefined {
  const clean = identifierText(text).normalize("NFC");
  return isNullWord(clean) ? undefined : wholeText(clean);
}
