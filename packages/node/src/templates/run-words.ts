// A session that is a run of a template, in words.
import type { Terms } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";

/** A sentence about a session that is a run of a template. */
export function templateRunWords({ template }: Pick<Terms, "template">): string[] {
  if (template === undefined) return [];
  const { name, version, parameters } = template;
  const text = (value: string | readonly string[]) =>
    typeof value === "string" ? quoted(value) : value.map(quoted).join(" and ");
  const given = parameters.map((each) => `${quoted(each.name)} is ${text(each.value)}`).join(", ");
  const withThese = given === "" ? "" : `: ${given}`;
  return [
    `It is a run of the template ${quoted(name)}, version ${version}, which the answering side has published${withThese}.`,
  ];
}
