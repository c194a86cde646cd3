// What ends soon, for whoever may see it: policies, templates, what the node shows its partners, and the token that one is signed in with.
import type { Ending } from "../answers.ts";
import { useHouse } from "../house.ts";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { name, span } from "../words/text.ts";
import { Panel, Tag } from "./basics.tsx";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { Table } from "./table.tsx";

type Row = Pick<Ending, "what" | "at" | "partner" | "dataset" | "template" | "token">;

/** As long before its end a token is told of. */
const TOKEN_SOON_MS = 14 * 86_400_000;

export function EndsSoon() {
  const { client, may } = useHouse();
  const loaded = useLoaded(async (): Promise<Row[]> => {
    const [endings, me] = await Promise.all([
      may("listEndings") ? client.listEndings() : [],
      client.showMe(),
    ]);
    const isNear = me.kind === "token" && me.expires < Date.now() + TOKEN_SOON_MS;
    return [...endings, ...(isNear ? [{ what: "token" as const, at: me.expires }] : [])];
  }, []);
  const rows = loaded.data ?? [];
  if (loaded.error !== undefined) return <Problem error={loaded.error} />;
  if (rows.length === 0) return null;
  return (
    <Panel heading="Ends soon">
      <Table
        caption="What ends soon"
        keyOf={({ what, partner, dataset, template, token }) =>
          `${what} ${partner} ${dataset} ${template?.id} ${token}`
        }
        rows={rows}
        columns={[
          { head: "What", cell: (row) => <What of={row} /> },
          { head: "Ends", cell: ({ at }) => <End at={at} /> },
          { head: "What to do", cell: remedyOf },
        ]}
      />
    </Panel>
  );
}

function remedyOf({ what, partner = "", template }: Row): string {
  if (template?.owner === "partner") return `Ask ${name(partner)} for a newer version, or let it end.`;
  return REMEDIES[what];
}

const REMEDIES: Readonly<Record<Row["what"], string>> = {
  policy: "An administrator gives it another end: Ends on, in its form.",
  template: "An approver publishes a version that ends later, or lets it end.",
  certificate: "Whoever runs the node's machine makes another one: Health says how.",
  identity: "Whoever runs the node's machine replaces it: Health says how.",
  vault: "Whoever runs the node's machine replaces it: Health says how.",
  token: "An administrator makes another one: Access.",
};
const NAMES: Readonly<Record<Exclude<Row["what"], "policy" | "template" | "token">, string>> = {
  certificate: "This node's certificate",
  identity: "The time that this node's identity has",
  vault: "The time that the root of this node's vault has",
};

function What({ of: { what, partner = "", dataset = "", template, token } }: { readonly of: Row }) {
  const { may } = useHouse();
  if (what === "token")
    return <>{token === undefined ? "The token that you use" : `The API token ${name(token)}`}</>;
  if (what === "template") {
    const { id, owner, name: called } = template!;
    const whose = owner === "us" ? `for ${name(partner)}` : `by ${name(partner)}`;
    return <a href={link("templates", id)}>{`Template ${name(called)} ${whose}`}</a>;
  }
  if (what !== "policy") return <>{NAMES[what]}</>;
  const words = `Policy for ${name(partner)} and ${name(dataset)}`;
  const place = may("addPolicies") ? link("policies", partner, dataset) : link("policies");
  return <a href={place}>{words}</a>;
}

function End({ at }: { readonly at: number }) {
  const left = at - Date.now();
  return (
    <>
      <Tag kind={left <= 0 ? "bad" : "warn"}>{left <= 0 ? "ended" : `in ${span(left)}`}</Tag>
      <br />
      <span class="hint">
        <Moment at={at} />
      </span>
    </>
  );
}
