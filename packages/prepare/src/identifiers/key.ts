// From a row's text to the digest of an identifier, by the rules of its key.
import { emailFault, normaliseEmail } from "./email.ts";
import { isNullWord, markedFault, type IdentifierFault } from "./faults.ts";
import { parseDigest, sha256 } from "./hashed.ts";
import { normaliseCustom, normaliseMaid, normalisePostal } from "./others.ts";
import { hasExponent, wholePhone, wholeText } from "./numbers.ts";
import { normalisePhone } from "./phone.ts";
import type { KeyRules } from "./rules.ts";
import { identifierText, isWellFormed } from "./text.ts";

/** The digest of one row's identifier: SHA-256 of the normalised text, 32 bytes. Total: any text gives a digest or a fault. */
export function digestOf(rules: KeyRules, texts: readonly string[]): Uint8Array | IdentifierFault {
  const marked = texts.map(markedFault).find((fault) => fault !== undefined);
  if (marked !== undefined) return marked;
  const digest = plainDigest(rules, texts);
  return digest === "invalid" ? formOf(rules, texts) : digest;
}

function plainDigest(rules: KeyRules, texts: readonly string[]): Uint8Array | "empty" | "invalid" {
  if (rules.hashed) return parseDigest(texts[0] ?? "");
  const normalised = normalise(rules, texts);
  if (normalised === "") return "empty";
  if (normalised === undefined || !isWellFormed(normalised)) return "invalid";
  return sha256(normalised);
}

/** What people put between several identifiers in one cell. A number has blanks of its own. */
const BETWEEN = { phone: /[;,|/\n]/u, other: /[;,|\s]/u };

/** Which of the known forms a text has that is no identifier. */
function formOf(rules: KeyRules, texts: readonly string[]): IdentifierFault {
  const { type, hashed, region } = rules;
  const clean = texts.map((text) => identifierText(text).normalize("NFC"));
  if (type === "postal") return clean.some((part) => wholeText(part) === undefined) ? "imprecise" : "invalid";
  const [text = ""] = clean;
  if (isNullWord(text)) return "word";
  if (type === "custom") return wholeText(text) === undefined ? "imprecise" : "invalid";
  if (!hashed && type === "phone") {
    if (hasExponent(text)) return "exponent";
    if (wholePhone(text) === undefined) return "fraction";
    if (region !== undefined && normalisePhone(text, region) === undefined) {
      if (normalisePhone(`+${text}`, undefined) !== undefined) return "country";
    }
  }
  const parts = text.split(type === "phone" ? BETWEEN.phone : BETWEEN.other);
  const are = parts.filter((part) => part !== "" && plainDigest(rules, [part]) instanceof Uint8Array);
  return parts.length > 1 && are.length > 0 ? "several" : "invalid";
}

/** The normalised text; "" if there is nothing, undefined if it is not an identifier. */
export function normalise(rules: KeyRules, texts: readonly string[]): string | undefined {
  const text = texts[0] ?? "";
  switch (rules.type) {
    case "email": {
      const email = normaliseEmail(text, rules.profile);
      const fault = emailFault(email);
      return fault === "invalid" ? undefined : email;
    }
    case "phone": {
      const number = normalisePhone(text, rules.region);
      return rules.plus ? number : number?.slice(1);
    }
    case "maid":
      return normaliseMaid(text);
    case "postal":
      return normalisePostal(texts);
    case "custom":
      return normaliseCustom(text);
  }
}
