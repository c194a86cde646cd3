// `halfroom --version`.
import { versionFacts } from "@halfroom/node";

export async function versionCommand({ json }: { readonly json: boolean }): Promise<void> {
  const facts = await versionFacts();
  if (json) return console.log(JSON.stringify(facts, undefined, 2));
  const { version, commit, kernel, protocols } = facts;
  console.log(`halfroom ${version}`);
  console.log(`commit ${commit}`);
  console.log(`kernel ${kernel}`);
  for (const protocol of protocols) console.log(`protocol ${protocol}`);
}
