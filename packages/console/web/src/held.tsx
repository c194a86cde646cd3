// What waits for a person, as the navigation counts it and the first page lists it; looked at now and then.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect } from "preact/hooks";
import { useHouse } from "./house.ts";
import { useLoaded, type Loaded } from "./use.ts";
import type { Held } from "./words/waiting.ts";

const LOOK_MS = 5000;

const HeldContext = createContext<Loaded<Held> | undefined>(undefined);

export function useHeld(): Loaded<Held> {
  return useContext(HeldContext)!;
}

export function WithHeld({ children }: { readonly children: ComponentChildren }) {
  const { client, may } = useHouse();
  const held = useLoaded(async (): Promise<Held> => {
    const [sessions, templates] = await Promise.all([
      client.listHeldSessions(),
      may("listWaitingTemplates") ? client.listWaitingTemplates() : [],
    ]);
    return { sessions, templates };
  }, []);
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
