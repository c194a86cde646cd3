// The sessions that wait for a person, as the navigation counts them and the first page lists them; looked at now and then.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect } from "preact/hooks";
import type { Session } from "./answers.ts";
import { useHouse } from "./house.ts";
import { useLoaded, type Loaded } from "./use.ts";

const LOOK_MS = 5000;

const HeldContext = createContext<Loaded<Session[]> | undefined>(undefined);

export function useHeld(): Loaded<Session[]> {
  return useContext(HeldContext)!;
}

export function WithHeld({ children }: { readonly children: ComponentChildren }) {
  const { client } = useHouse();
  const held = useLoaded(() => client.listHeldSessions(), []);
  const { reload } = held;
  useEffect(() => {
    const look = () => {
      if (!document.hidden) reload();
    };
    const timer = setInterval(look, LOOK_MS);
    for (const event of ["hashchange", "focus"]) addEventListener(event, look);
    return () => {
      clearInterval(timer);
      for (const event of ["hashchange", "focus"]) removeEventListener(event, look);
    };
  }, [reload]);
  return <HeldContext.Provider value={held}>{children}</HeldContext.Provider>;
}
