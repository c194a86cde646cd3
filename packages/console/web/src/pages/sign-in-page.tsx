// Signing in: with a password or through the company's own sign-in where the node has people, and with a token always.
import { ProblemError } from "@halfroom/console/client";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../parts/basics.tsx";
import { Form, SecretField, TextField } from "../parts/fields.tsx";
import { Problem } from "../parts/problem.tsx";
import type { Ways } from "../answers.ts";
import { readWays, signInWithPassword, signInWithToken, type SignedIn } from "../sign-in.ts";
import { name, sentence } from "../words/text.ts";

interface Given {
  readonly onSignedIn: (signedIn: SignedIn) => void;
}

export function SignInPage({ why, onSignedIn }: Given & { readonly why: string | undefined }) {
  const [ways, setWays] = useState<Ways | undefined>(undefined);
  useEffect(() => {
    document.title = "Sign in · Halfroom";
    readWays().then(setWays, () => setWays({ local: false }));
  }, []);
  if (ways === undefined) return null;
  const hasPeople = ways.local || ways.openid !== undefined;
  return (
    <main class="sign-in">
      <h1>Halfroom</h1>
      <p class="lead">The console of this node.</p>
      {why !== undefined && <p class="notice">{sentence(why)}</p>}
      {ways.openid !== undefined && (
        <a class="button main" href={ways.openid.path}>
          Sign in with {name(ways.openid.label)}
        </a>
      )}
      {ways.local && <WithPassword onSignedIn={onSignedIn} />}
      {hasPeople ? (
        <details>
          <summary>Sign in with a token</summary>
          <WithToken onSignedIn={onSignedIn} />
        </details>
      ) : (
        <WithToken onSignedIn={onSignedIn} />
      )}
    </main>
  );
}

/** A sign-in that may fail. */
function useSignIn({ onSignedIn }: Given) {
  const [state, setState] = useState<{ isBusy: boolean; error?: unknown }>({ isBusy: false });
  const run = (work: () => Promise<SignedIn>): void => {
    if (state.isBusy) return;
    setState({ isBusy: true });
    work().then(onSignedIn, (error: unknown) => setState({ isBusy: false, error }));
  };
  return { ...state, error: state.error, run };
}

function WithPassword(given: Given) {
  const [who, setWho] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { isBusy, error, run } = useSignIn(given);
  const [needsCode, setNeedsCode] = useState(false);
  const isAsked = error instanceof ProblemError && error.problem.code === "code-needed";
  // Which of them is not said, so that nobody learns which names there are.
  const isUnknown = error instanceof ProblemError && error.problem.code === "unauthenticated";
  useEffect(() => {
    if (isAsked) setNeedsCode(true);
  }, [isAsked]);
  const submit = () =>
    run(() => signInWithPassword({ name: who, password, ...(needsCode && { code: code.trim() }) }));
  return (
    <Form onSubmit={submit}>
      <TextField label="Name" value={who} onValue={setWho} autocomplete="username" required />
      <SecretField
        label="Password"
        value={password}
        onValue={setPassword}
        autocomplete="current-password"
        required
      />
      {needsCode && (
        <TextField
          label="One-time code"
          hint="Six digits, from the app in which this sign-in was set up."
          inputMode="numeric"
          autocomplete="one-time-code"
          value={code}
          onValue={setCode}
          required
        />
      )}
      {isUnknown ? (
        <p class="problem" role="alert">
          {needsCode
            ? "The name, the password or the one-time code is not right; a code holds once."
            : "The name or the password is not right."}
        </p>
      ) : (
        <Problem error={isAsked ? undefined : error} />
      )}
      <Button kind="main" type="submit" isBusy={isBusy}>
        Sign in
      </Button>
    </Form>
  );
}

function WithToken(given: Given) {
  const [token, setToken] = useState("");
  const { isBusy, error, run } = useSignIn(given);
  return (
    <Form onSubmit={() => run(() => signInWithToken(token.trim()))}>
      <SecretField
        label="Token"
        hint={
          <>
            <code>halfroom token create --role approver</code> makes one on the node's machine. This page
            keeps it only until it is closed or loaded again.
          </>
        }
        value={token}
        onValue={setToken}
        required
      />
      <Problem error={error} />
      <Button kind="main" type="submit" isBusy={isBusy}>
        Sign in
      </Button>
    </Form>
  );
}
