// Places within the page, as what follows `#/` in its address: the server need not know them, and they are never sent.
import { useEffect, useState } from "preact/hooks";

/** The parts of a place; none is the first page. */
export type Place = readonly string[];

export function placeOf(hash: string): Place {
  const parts = hash.replace(/^#\/?/, "").split("/");
  return parts.filter((part) => part !== "").map(decoded);
}

/** As an address for a link. */
export function link(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

export function goTo(...parts: string[]): void {
  location.hash = link(...parts);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
