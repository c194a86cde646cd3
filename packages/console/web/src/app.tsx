// The page as a whole: who uses it, the way from one part to another, and where screen readers are told what has happened.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { WithHeld } from "./held.tsx";
import { keepFocus } from "./keep-focus.ts";
import { HouseContext, mayOf, type House } from "./house.ts";
import { Navigation } from "./navigation.tsx";
import { PageOf } from "./pages/page-of.tsx";
import { SignInPage } from "./pages/sign-in-page.tsx";
import { goTo, usePlace } from "./router.ts";
import { signedInBefore, type SignedIn } from "./sign-in.ts";

export function App() {
  const [signedIn, setSignedIn] = useState<SignedIn | "nobody" | undefined>(undefined);
  const [why, setWhy] = useState<string | undefined>(undefined);
  useEffect(() => {
    signedInBefore().then(setSignedIn, () => setSignedIn("nobody"));
  }, []);
  if (signedIn === undefined) return null;
  // Whoever signs in begins at the first page: where the last person was is no business of theirs, and may be closed to them.
  const begin = (next: SignedIn) => {
    goTo();
    setSignedIn(next);
  };
  if (signedIn === "nobody") return <SignInPage why={why} onSignedIn={begin} />;
  const leave = (words?: string) => {
    goTo();
    setWhy(words);
    setSignedIn("nobody");
  };
  return <Inside signedIn={signedIn} onLeave={leave} />;
}

function Inside({
  signedIn,
  onLeave,
}: {
  readonly signedIn: SignedIn;
  readonly onLeave: (why?: string) => void;
}) {
  const place = usePlace();
  const [told, setTold] = useState("");
  const announce = useCallback((words: string) => setTold(words), []);
  const content = useRef<HTMLElement>(null);
  useEffect(() => keepFocus(content.current!), []);
  const { client, who, signOut } = signedIn;
  const house = useMemo<House>(
    () => ({ client, who, may: mayOf(who), announce, leave: onLeave }),
    [signedIn],
  );
  const end = () =>
    signOut().then(
      () => onLeave(),
      () => onLeave(),
    );
  return (
    <HouseContext.Provider value={house}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("main h1")?.focus();
        }}
      >
        Skip to the content
      </a>
      <div class="house">
        <WithHeld>
          <Navigation place={place} onSignOut={() => void end()} />
          <main id="main" ref={content}>
            <PageOf key={place.join("/")} place={place} />
          </main>
        </WithHeld>
      </div>
      <div class="sr" role="status" aria-live="polite">
        {told}
      </div>
    </HouseContext.Provider>
  );
}
