// Who gets in: users, who is signed in, which ways in are one person's, and tokens of programs.
import { useHouse } from "../house.ts";
import { Page, Panel } from "../parts/basics.tsx";
import { AddLink, Links } from "../parts/links.tsx";
import { Shown } from "../parts/loaded.tsx";
import { SignIns } from "../parts/sign-ins.tsx";
import { Tokens } from "../parts/tokens.tsx";
import { Users } from "../parts/users.tsx";
import { useLoaded } from "../use.ts";

export function AccessPage() {
  const { client, may } = useHouse();
  const signIns = useLoaded(() => client.listSignIns(), []);
  const links = useLoaded(() => client.listLinks(), []);
  return (
    <Page title="Access" lead="Who gets into this console: people with a browser, and programs with a token.">
      <Users />
      <Panel heading="Signed in" aside="ends by itself after 30 idle minutes, or 12 hours">
        <Shown loaded={signIns}>{(all) => <SignIns signIns={all} onEnded={signIns.reload} />}</Shown>
      </Panel>
      <Panel heading="One person, several ways in" aside="where two people decide, they are one">
        <div class="stack">
          <Shown loaded={links}>{(all) => <Links links={all} onChange={links.reload} />}</Shown>
          {may("linkPerson") && <AddLink onLinked={links.reload} />}
        </div>
      </Panel>
      <Tokens />
    </Page>
  );
}
