// `halfroom --version`.
import { versionFacts } from "@halfroom/node";
import { say, sayJson } from "../print.ts";

export async function versionCommand({ json }: { readonly json: boolean }): Promise<void> {
  const facts = await versionFacts();
  if (json) return sayJson(facts);
  const { version, commit, kernel, protocols } = facts;
  say(`halfroom ${version}`);
  say(`commit ${commit}`);
  say(`kernel ${kernel}`);
  for (const protocol of protocols) say(`protocol ${protocol}`);
}
