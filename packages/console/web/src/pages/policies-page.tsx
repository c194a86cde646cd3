// The policies, in words.
import { useHouse } from "../house.ts";
import { Empty, Page, Panel, Sentences, Tag } from "../parts/basics.tsx";
import { Shown } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { link } from "../router.ts";
import { useLoaded } from "../use.ts";
import { policyWords } from "../words/policies.ts";
import { formWords } from "../words/policy-draft.ts";
import { name, sentence } from "../words/text.ts";

export function PoliciesPage() {
  const { client, may } = useHouse();
  const loaded = useLoaded(() => client.listPolicies(), []);
  const mayChange = may("addPolicies");
  return (
    <Page
      title="Policies"
      lead="What a partner may do with a dataset of ours. Of two policies, one on each side, the stricter holds."
      actions={
        mayChange && (
          <a class="button main" href={link("policies", "new")}>
            New policy
          </a>
        )
      }
    >
      <Shown loaded={loaded} lines={10}>
        {(policies) => (
          <>
            {policies.length === 0 && (
              <Panel heading="No policy yet">
                <Empty>Every proposal waits for a person, and nothing exact is allowed.</Empty>
              </Panel>
            )}
            {policies.map((policy) => (
              <Panel
                heading={`${name(policy.partner)} and ${name(policy.dataset)}`}
                aside={
                  <>
                    <Tag kind={policy.fields["approval"] === "automatic" ? "warn" : "plain"}>
                      {sentence(formWords("approval", policy.fields["approval"]).value)}
                    </Tag>{" "}
                    {mayChange && <a href={link("policies", policy.partner, policy.dataset)}>Change</a>}
                  </>
                }
              >
                <div class="stack columns">
                  <Sentences items={policyWords(policy)} />
                  <details>
                    <summary>
                      Every field
                      <span class="sr">
                        {" "}
                        of the policy for {name(policy.partner)} and {name(policy.dataset)}
                      </span>
                    </summary>
                    <Table
                      caption={`Fields of the policy for ${name(policy.partner)} and ${name(policy.dataset)}`}
                      keyOf={([field]) => field}
                      rows={Object.entries(policy.fields)}
                      columns={[
                        {
                          head: "Field",
                          cell: ([field, value]) => (
                            <>
                              {formWords(field, value).label}
                              <br />
                              <FieldName field={field} />
                            </>
                          ),
                        },
                        {
                          head: "Value",
                          cell: ([field, value]) => sentence(formWords(field, value).value),
                        },
                        {
                          head: "",
                          cell: ([field]) =>
                            policy.defaults.includes(field) && <span class="hint">default</span>,
                        },
                      ]}
                    />
                  </details>
                </div>
              </Panel>
            ))}
          </>
        )}
      </Shown>
    </Page>
  );
}

/** As config.yaml has it; it breaks at its underscores alone. */
function FieldName({ field }: { readonly field: string }) {
  return (
    <code class="hint">
      {field.split("_").map((part, i) => (
        <>
          {i > 0 && (
            <>
              _<wbr />
            </>
          )}
          {part}
        </>
      ))}
    </code>
  );
}
