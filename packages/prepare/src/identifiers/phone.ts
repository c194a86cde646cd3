// Phone numbers as identifiers: E.164, by the JavaScript port of Google's libphonenumber.
import { parsePhoneNumberFromString, type CountryCode } from "libphonenumber-js/min";
import { wholePhone } from "./numbers.ts";
import { identifierText } from "./text.ts";

/** ITU-T E.164: at most 15 digits. */
const E164 = /^\+[1-9][0-9]{6,14}$/;

/**
 * The number in E.164, with "+"; "" for blank text, undefined for anything that is not a possible number. A number without "+" is
 * read as it is dialled in `region`; without a region it must be international, preceded by "+", "00" or nothing.
 * An extension ("ext. 5") is dropped, and so is the ".0" of a whole number in a column of floats. A text that may be national or begin
 * with a country code is no number. Total; idempotent.
 */
export function normalisePhone(text: string, region: string | undefined): string | undefined {
  const clean = wholePhone(identifierText(text).normalize("NFC"));
  if (clean === undefined || clean === "") return clean;
  const number = e164(region === undefined ? international(clean) : clean, region);
  if (number === undefined || number === clean) return number;
  if (region !== undefined && mayBeForeign(clean, number)) return undefined;
  // What can be dialled in its region alone, such as a number without its area code, and what has zeros too many would be
  // another number, or none, to whoever reads the result.
  return e164(number, region) === number ? number : undefined;
}

/**
 * Whether a text without "+" and without the zero that its region dials first is as well a number with a country code in front,
 * and not the same one. In a region that writes its numbers without such a zero, the region decides.
 */
function mayBeForeign(clean: string, number: string): boolean {
  if (/^[^\p{Nd}]*0|\+/u.test(clean)) return false;
  const other = parsePhoneNumberFromString(`+${clean}`, { extract: false });
  if (other?.isValid() !== true || other.number === number) return false;
  const national = parsePhoneNumberFromString(number, { extract: false })?.formatNational() ?? "";
  // A number of no known format comes back without groups, and without the zero that it would be dialled with.
  const isFormatted = /[^0-9]/.test(national);
  return !isFormatted || national.replaceAll(/[^0-9]/g, "") !== clean.replaceAll(/\P{Nd}/gu, "");
}

function e164(text: string, region: string | undefined): string | undefined {
  const number = parsePhoneNumberFromString(text, {
    ...(region === undefined ? {} : { defaultCountry: region as CountryCode }),
    extract: false,
  });
  return number?.isPossible() === true && E164.test(number.number) ? number.number : undefined;
}

function international(text: string): string {
  return text.startsWith("+") ? text : `+${text.replace(/^[^\p{Nd}]*00/u, "")}`;
}
